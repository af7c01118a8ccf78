import { afterAll, beforeAll, beforeEach, vi } from 'vitest';
import { plan } from '../src/setup/converge.ts';
import { runSetup } from '../src/setup/run.ts';
import { type Aws, keysOf, newBucketName, ORIGIN, roles, startAws, stepsFor } from './deployment.ts';

/** An AWS for the calling file, root's credentials in the environment, and a new name in `bucket` for each test. */
export function useSetup() {
  const context = { aws: {} as Aws, bucket: '' };
  beforeAll(async () => {
    context.aws = await startAws(roles);
  });
  beforeEach(() => {
    context.bucket = newBucketName();
    actAs('root');
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await context.aws.stop();
  });
  return Object.assign(context, {
    /** Runs the command on `bucket`. */
    setUp: (...more: string[]) =>
      run(['--bucket', context.bucket, '--domain', ORIGIN, '--endpoint', context.aws.endpoint, ...more]),
    /** What a run would still do, by step. */
    planned: async () => {
      const findings = await plan(stepsFor(context.aws, context.bucket));
      const open = findings.filter(({ kind }) => kind !== 'same');
      return Object.fromEntries(open.map(({ step, kind }) => [step.name, kind]));
    },
  });
}

/** Whose credentials the SDK finds. */
export function actAs(user: string, secret = keysOf(user).secretAccessKey): void {
  // Would be preferred.
  vi.stubEnv('AWS_PROFILE', undefined);
  vi.stubEnv('AWS_ACCESS_KEY_ID', keysOf(user).accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', secret);
}

/** Runs the command with any arguments. */
export async function run(argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runSetup(argv, {
    region: undefined,
    out: (line) => out.push(line),
    err: (line) => err.push(line),
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}
