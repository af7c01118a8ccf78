import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openLog } from './log.ts';

const entry = (level: string, msg: string, rest: object = {}) =>
  JSON.stringify({ level, time: '2026-02-03T04:05:06.789Z', name: 'api', pid: 1, msg, ...rest });
const lines = [
  entry('info', 'listening', { port: 3000 }),
  entry('error', 'lost', { err: { type: 'Error', message: 'gone', stack: 'Error: gone\n    at here' } }),
  'Trace: not JSON',
];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'log-'));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

async function shown(verbose: boolean) {
  const console_ = vi.spyOn(console, 'error').mockImplementation(() => {});
  const file = join(folder, 'logs', 'api.log');
  const log = await openLog({ name: 'api', file, verbose });
  log.take(Readable.from([lines.join('\n')]));
  await vi.waitFor(async () => expect((await readFile(file, 'utf8')).trimEnd().split('\n')).toEqual(lines));
  return { console: console_.mock.calls.map(([line]) => line), tail: log.tail() };
}

const listening = '04:05:06 api info: listening {"port":3000}';
const lost = '04:05:06 api error: lost\nError: gone\n    at here';

test('the file gets every line as it is, the console only warnings and errors, for people', async () => {
  const { console, tail } = await shown(false);
  expect(console).toEqual([lost]);
  expect(tail).toContain(`${listening}\n${lost}\n`);
  expect(tail).toMatch(/api node: Trace: not JSON$/);
});

test('verbose shows everything', async () => {
  const { console } = await shown(true);
  expect(console).toEqual([listening, lost, expect.stringContaining('Trace: not JSON')]);
});
