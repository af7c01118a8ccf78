import type { Outcome } from './probe.ts';
import type { Result, Verdict } from './verify.ts';

const MARKS: Record<Outcome['kind'], string> = { passed: 'ok  ', failed: 'FAIL', skipped: 'skip' };

/** The report for people: a line for each probe, below it what was seen and what to do, and the sums last. */
export function asTable({ results, leftBehind }: Verdict): string {
  return [
    ...results.map(row),
    ...leftBehind.map((key) => `left behind, remove by hand: ${key}`),
    '',
    sums(results),
  ].join('\n');
}

function row({ probe, outcome }: Result): string {
  const first = `${MARKS[outcome.kind]}  ${probe.name}`;
  if (outcome.kind === 'failed') return `${first}\n      seen: ${outcome.seen}\n      fix:  ${probe.fix}`;
  if (outcome.kind === 'skipped') return `${first}\n      ${outcome.why}`;
  return first;
}

function sums(results: Result[]): string {
  const of = (kind: Outcome['kind']) => results.filter(({ outcome }) => outcome.kind === kind).length;
  const skipped = of('skipped');
  return `${of('passed')} passed, ${of('failed')} failed${skipped ? `, ${skipped} skipped` : ''}`;
}

/** The report for programs. */
export const asJson = ({ results, leftBehind }: Verdict): string =>
  JSON.stringify(
    {
      ok: isGood({ results, leftBehind }),
      probes: results.map(({ probe, outcome: { kind, ...more }, milliseconds }) => ({
        name: probe.name,
        outcome: kind,
        ...more,
        ...(kind === 'failed' ? { fix: probe.fix } : {}),
        milliseconds,
      })),
      leftBehind,
    },
    null,
    2,
  );

export const isGood = ({ results, leftBehind }: Verdict): boolean =>
  leftBehind.length === 0 && results.every(({ outcome }) => outcome.kind !== 'failed');
