import { describe, expect, it } from 'vitest';
import { carryOut, converge, plan } from './converge.ts';
import { canonical, type Step } from './step.ts';

/** A setting that is kept here, for what no endpoint of ours answers. */
const setting = (more: Partial<Step> & { current?: unknown } = {}) => {
  const state = { current: more.current, applied: 0 };
  const step: Step = {
    name: 'setting',
    wanted: { on: true },
    read: async () => state.current,
    apply: async () => {
      state.applied += 1;
      state.current = { on: true };
    },
    ...more,
  };
  return { step, state };
};
const notImplemented = async () => {
  throw Object.assign(new Error('A header you provided implies functionality that is not implemented'), {
    name: 'NotImplemented',
    $metadata: { httpStatusCode: 501 },
  });
};

describe('a setting that the endpoint does not know', () => {
  it('is skipped, and said, if the deployment holds without it', async () => {
    const { step, state } = setting({ optional: true, read: notImplemented });
    const findings = await plan([step]);
    expect(findings.map(({ kind }) => kind)).toEqual(['skipped']);
    await carryOut(findings);
    expect(state.applied).toBe(0);
  });

  it('is skipped, and said, also where only setting it fails', async () => {
    const { step } = setting({ optional: true, apply: notImplemented });
    const lines: string[] = [];
    await carryOut(await plan([step]), (line) => lines.push(line));
    expect(lines).toEqual(['skipped  setting: this endpoint does not support it']);
  });

  it('ends the run, and names itself, if the deployment needs it', async () => {
    const { step } = setting({ apply: notImplemented });
    await expect(converge([step])).rejects.toThrow('setting: A header you provided');
  });
});

describe('a setting that a store’s buckets do not have by themselves', () => {
  it('is left out, if the deployment holds without it', async () => {
    const { step, state } = setting({ optional: true });
    await carryOut(await plan([step], { leaveAbsent: true }));
    expect(state.applied).toBe(0);
  });

  it('is corrected where the bucket, made since, has it', async () => {
    const { step, state } = setting({ optional: true });
    const findings = await plan([step], { leaveAbsent: true });
    state.current = { on: false };
    const lines: string[] = [];
    await carryOut(findings, (line) => lines.push(line));
    expect(lines).toEqual(['changed  setting']);
  });
});

describe('documents', () => {
  it('are the same whatever their order of members and of strings, and a list of one is its item', () => {
    const one = { Action: ['s3:GetObject'], Resource: ['b', 'a'], Sid: undefined };
    expect(canonical(one)).toBe(canonical({ Resource: ['a', 'b'], Action: 's3:GetObject' }));
    expect(canonical(one)).not.toBe(canonical({ Resource: ['a', 'c'], Action: 's3:GetObject' }));
  });
});
