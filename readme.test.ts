/** The README's table of variables is made from the processes' own settings: `vitest run readme -u` renews it. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { settings as api } from './apps/api/src/config.ts';
import { settings as worker } from './apps/worker/src/config.ts';
import { settings as start } from './packages/stack/src/config.ts';

type Settings = Record<string, { default?: unknown; desc?: string }>;

/** Whose words count where two read the same variable: an app's before those of `start`, which hands it on. */
const readers: [string, Settings][] = [
  ['api', api],
  ['worker', worker],
  ['start', start],
];

/** Defaults that depend on the machine; their descriptions say how. */
const EXPLAINED = new Set(['HOST', 'WORKER_CONCURRENCY']);

function table(): string {
  const names = new Set(readers.flatMap(([, settings]) => Object.keys(settings)));
  const rows = [...names].map((name) => {
    const reading = readers.filter(([, settings]) => name in settings);
    const apps = reading.filter(([reader]) => reader !== 'start');
    const setting = reading[0]?.[1][name];
    const fallback = setting?.default === undefined || EXPLAINED.has(name) ? '' : `\`${setting.default}\``;
    const readBy = (apps.length > 0 ? apps : reading).map(([reader]) => reader).join(', ');
    return `| \`${name}\` | ${readBy} | ${fallback} | ${setting?.desc ?? ''} |`;
  });
  return ['| variable | read by | default | what it is |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

test('the README lists every variable with its default and its meaning', async () => {
  const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8');
  const wanted = readme.replace(
    /(<!-- variables -->\n)[\s\S]*(\n<!-- end of variables -->)/,
    (_all, begin, end) => begin + table() + end,
  );
  await expect(wanted).toMatchFileSnapshot('./README.md');
});
