import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { deviations } from './deviations.ts';

test('every deviation names a behaviour of the suite', async () => {
  const folder = new URL('.', import.meta.url);
  const files = (await readdir(folder)).filter((name) => name.endsWith('.s3.test.ts'));
  const sources = await Promise.all(files.map((name) => readFile(new URL(name, folder), 'utf8')));
  const titles = sources.flatMap((source) => {
    const subjects = source.split(/\bsubject\(/).slice(1);
    return subjects.flatMap((text) => {
      const [subject = '', ...behaviours] = [
        ...text.matchAll(/(?:^|behaviour\()\s*'((?:[^'\\]|\\.)*)'/g),
      ].map(([, title = '']) => title);
      return behaviours.map((title) => `${subject} ${title}`);
    });
  });
  // Titles made in a loop are not in the source: the one table that makes some is matched by its start.
  const named = Object.values(deviations).flatMap((set) => Object.keys(set));
  const unknown = named.filter(
    (name) => !titles.includes(name) && !name.startsWith('the policy of a form is refused with'),
  );
  expect(unknown).toEqual([]);
});
