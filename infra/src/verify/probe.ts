import type { Bench } from './bench.ts';

/** One question to the deployment, with what to do where the answer is the wrong one. */
export type Probe = {
  /** What holds if it passes, e.g. `a form refuses another key`. Unique; reports and scripts name probes by it. */
  name: string;
  /** What to do when it does not. */
  fix: string;
  /** Answers what came back; what it throws counts as a failure. */
  run: (bench: Bench) => Promise<Outcome>;
};

export type Outcome =
  | { kind: 'passed' }
  /** `seen`: what the deployment did instead. */
  | { kind: 'failed'; seen: string }
  /** It could not be asked, so nothing is known. */
  | { kind: 'skipped'; why: string };

export const passed: Outcome = { kind: 'passed' };
export const failed = (seen: string): Outcome => ({ kind: 'failed', seen });
export const skipped = (why: string): Outcome => ({ kind: 'skipped', why });

/** Passed if nothing in `seen` is amiss; else failed, with all that is. */
export const unless = (seen: (string | undefined)[]): Outcome => {
  const amiss = seen.filter((item) => item !== undefined);
  return amiss.length === 0 ? passed : failed(amiss.join('; '));
};
