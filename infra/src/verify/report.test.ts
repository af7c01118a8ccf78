import { describe, expect, it } from 'vitest';
import { failed, type Outcome, passed, skipped } from './probe.ts';
import { asJson, asTable, isGood } from './report.ts';
import type { Verdict } from './verify.ts';

const result = (name: string, outcome: Outcome) => ({
  probe: { name, fix: `the fix of ${name}`, run: async () => outcome },
  outcome,
  milliseconds: 12,
});
const verdict: Verdict = {
  results: [
    result('one', passed),
    result('two', failed('answered 200')),
    result('three', skipped('give more')),
  ],
  leftBehind: ['public/verify/x'],
};

describe('the report', () => {
  it('has a line for each probe, and below a failed one what was seen and the fix', () => {
    expect(asTable(verdict)).toBe(
      [
        'ok    one',
        'FAIL  two',
        '      seen: answered 200',
        '      fix:  the fix of two',
        'skip  three',
        '      give more',
        'left behind, remove by hand: public/verify/x',
        '',
        '1 passed, 1 failed, 1 skipped',
      ].join('\n'),
    );
  });

  it('says the same as JSON', () => {
    expect(JSON.parse(asJson(verdict))).toEqual({
      ok: false,
      probes: [
        { name: 'one', outcome: 'passed', milliseconds: 12 },
        { name: 'two', outcome: 'failed', seen: 'answered 200', fix: 'the fix of two', milliseconds: 12 },
        { name: 'three', outcome: 'skipped', why: 'give more', milliseconds: 12 },
      ],
      leftBehind: ['public/verify/x'],
    });
  });

  it('is good although something was skipped, and not where something failed or was left behind', () => {
    const [one, two, three] = verdict.results;
    const of = (...results: (typeof one)[]) => ({
      results: results.filter((item) => item !== undefined),
      leftBehind: [],
    });
    expect(isGood(of(one, three))).toBe(true);
    expect(isGood(of(one, two))).toBe(false);
    expect(isGood({ ...of(one), leftBehind: ['public/verify/x'] })).toBe(false);
  });
});
