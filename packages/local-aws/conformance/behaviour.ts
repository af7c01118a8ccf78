import { describe, inject, test } from 'vitest';
import { deviations } from './deviations.ts';

let current = '';

/**
 * What the behaviours within are about. Its name and theirs make a sentence.
 * @param options.needs what the endpoint must have for it, where not every endpoint has it
 */
export function subject(name: string, body: () => void, options = { needs: true }): void {
  describe.runIf(options.needs)(name, () => {
    current = name;
    body();
  });
}

/** States one behaviour of S3, or asserts that the endpoint deviates in it as {@link deviations} says. */
export function behaviour(name: string, check: () => Promise<void>): void {
  const set = inject('s3Target').deviations;
  const reason = set === undefined ? undefined : deviations[set]?.[`${current} ${name}`];
  if (reason === undefined) test(name, check);
  else test.fails(`${name} (deviates: ${reason})`, check);
}
