/** `.env.example` stands above the apps, which do not import each other; so its test does, too. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { settings as api } from './apps/api/src/config.ts';
import { settings as worker } from './apps/worker/src/config.ts';
import { settings as localAws } from './packages/local-aws/src/config.ts';
import { settings as start } from './packages/stack/src/config.ts';

const settings: Record<string, { default?: unknown; example?: string }> = {
  ...localAws,
  ...start,
  ...worker,
  ...api,
};

const listed = readFileSync(new URL('.env.example', import.meta.url), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, name, value] = /^# ([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, value }];
  });

/** Defaults that depend on the machine or on another variable: words explain them, not a value. */
const EXPLAINED = ['HOST', 'WORKER_CONCURRENCY'];

describe('.env.example', () => {
  test('lists every variable that a process reads, once, and no other', () => {
    expect(listed.map(({ name }) => name).sort()).toEqual(Object.keys(settings).sort());
  });

  test.each(listed)('$name stands there with its default', ({ name, value }) => {
    const { default: fallback, example } = settings[name] ?? {};
    if (EXPLAINED.includes(name) || (fallback === undefined && value === '')) return;
    expect(value).toBe(String(fallback ?? example));
  });
});
