import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { optionSchema } from './option-schema.ts';

it('README.md has a row for every option, and for nothing else', () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
  const [, options = ''] = readme.split('## Options');
  const [table = ''] = options.split('\n## ');
  const firstCells = [...table.matchAll(/^\| (`[^|]+) \|/gm)].map(([, cell = '']) => cell);
  const documented = firstCells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, key]) => key));
  expect(documented.sort()).toEqual(Object.keys(optionSchema.shape).sort());
});
