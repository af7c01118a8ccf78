import { expect, test } from 'vitest';
import { PROBLEMS, problemsPage } from './problems.ts';

test('docs/problems.md explains the table of codes as it is (vitest -u writes it anew)', async () => {
  await expect(problemsPage()).toMatchFileSnapshot('../../../docs/problems.md');
});

test('every code is one word that a client can compare, with a status that says no', () => {
  for (const [code, { status }] of Object.entries(PROBLEMS)) {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(status).toBeGreaterThanOrEqual(400);
  }
});
