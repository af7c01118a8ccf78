/** What the documents name is there: files by their path from the project's root, links by theirs from the document. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = import.meta.dirname;
const documents = globSync(['README.md', 'docs/**/*.md', '{infra,packages/*}/README.md'], { cwd: root });

const tests = globSync(['*.test.ts', '{apps,packages,infra,e2e}/**/*.{test,spec}.ts'], {
  cwd: root,
  exclude: ['**/node_modules/**'],
}).map((path) => basename(path));

/** `a/b.ts`, or a test's name alone, between backticks. */
const NAMED = /`((?:[\w@.*-]+\/)+[\w@.*-]+\.(?:ts|mjs|sql|md|yml|spec\.ts)|[\w.-]+\.(?:test|spec)\.ts)`/g;
const LINK = /\]\((?!https?:|mailto:|#)([^)#]+)(#[^)]*)?\)/g;

const found = (text: string, pattern: RegExp): string[] =>
  [...new Set(Array.from(text.matchAll(pattern), ([, path = '']) => path))].sort();

describe.for(documents)('%s', (document) => {
  const text = readFileSync(join(root, document), 'utf8');
  /** The document's own folder counts as well: packages speak of their parts. */
  const isThere = (path: string) =>
    tests.includes(path) ||
    [root, join(root, dirname(document))].some((from) => existsSync(join(from, path)));

  test('names files that are there', () => {
    expect(found(text, NAMED).filter((path) => !isThere(path))).toEqual([]);
  });

  test('links to files that are there', () => {
    expect(found(text, LINK).filter((path) => !existsSync(join(root, dirname(document), path)))).toEqual([]);
  });
});

test('the threat model names a test for each threat', () => {
  const rows = readFileSync(join(root, 'docs/security.md'), 'utf8')
    .split('\n')
    .filter((line) => /^\| (?!threat|---)/.test(line));
  expect(rows.length).toBeGreaterThan(20);
  expect(rows.filter((row) => found(row, NAMED).every((path) => !/\.(test|spec)\.ts$/.test(path)))).toEqual(
    [],
  );
});
