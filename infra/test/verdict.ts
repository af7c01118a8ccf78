import type { Serving } from '../src/index.ts';
import { openTarget } from '../src/verify/open-target.ts';
import type { Outcome } from '../src/verify/probe.ts';
import { type Verdict, verify } from '../src/verify/verify.ts';
import { type Deployed, keysOf, ORIGIN, REGION } from './deployment.ts';

export type Options = {
  /** Whose credentials the roles have, by user name. */
  api?: string;
  worker?: string;
  serving?: Serving;
  /** How long a running worker has before we look into the queue. */
  workerGraceMs?: number;
};

/** How long an event may take: it comes at once here or never. */
const TIMEOUT_MS = 1_000;

/** What verify:aws finds, unless said otherwise at a deployment that no worker runs for. */
export async function verdictOn(
  { aws, bucket, queueUrl }: Deployed,
  { api = 'api', worker = 'worker', serving = { mode: 'referer' }, workerGraceMs = 0 }: Options = {},
): Promise<Verdict> {
  const target = await openTarget(
    {
      bucket,
      origins: [ORIGIN],
      region: REGION,
      queue: { url: queueUrl },
      serving,
      endpoint: aws.endpoint,
      sqsEndpoint: aws.endpoint,
      operator: { credentials: keysOf('root') },
      api: { credentials: keysOf(api) },
      worker: { credentials: keysOf(worker) },
    },
    TIMEOUT_MS,
  );
  try {
    return await verify({ ...target, workerGraceMs });
  } finally {
    target.close();
  }
}

/** The names of the probes that ended so, in the order of the report. */
export const named = ({ results }: Verdict, kind: Outcome['kind']): string[] =>
  results.filter(({ outcome }) => outcome.kind === kind).map(({ probe }) => probe.name);

export const failedProbes = async (deployed: Deployed, options?: Options): Promise<string[]> =>
  named(await verdictOn(deployed, options), 'failed');
