import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { parseArguments, type SetupArguments, USAGE, UsageError } from './arguments.ts';
import { carryOut, plan } from './converge.ts';
import { explain } from './explain.ts';
import { identity } from './identity.ts';
import { isAwsEndpoint } from './is-aws-endpoint.ts';
import { isVersioned } from './is-versioned.ts';
import type { Finding } from './step.ts';
import { type SetupInput, setupSteps } from './steps.ts';
import { whatNext } from './what-next.ts';

export type Terminal = {
  /** AWS_REGION, for where `--region` is not given. */
  region: string | undefined;
  out: (text: string) => void;
  err: (text: string) => void;
};

/** The whole command. Answers the exit code: 0 done, 1 refused or failed, 2 not usable as called. */
export async function runSetup(argv: string[], { region, out, err }: Terminal): Promise<number> {
  try {
    const parsed = parseArguments(argv, region);
    if (parsed === 'help') out(USAGE);
    else await setUp(parsed, { out, err });
    return 0;
  } catch (error) {
    const misused = error instanceof UsageError;
    err(misused ? `${error.message}\n\n${USAGE}` : explain(error));
    return misused ? 2 : 1;
  }
}

async function setUp(args: SetupArguments, { out, err }: Omit<Terminal, 'region'>): Promise<void> {
  const s3 = new S3Client({
    region: args.region,
    ...(args.endpoint ? { endpoint: args.endpoint, forcePathStyle: true } : {}),
  });
  const sqs = new SQSClient({
    region: args.region,
    ...(args.sqsEndpoint ? { endpoint: args.sqsEndpoint } : {}),
  });
  try {
    const { account, warnings } = await identity(args, s3);
    for (const warning of warnings) err(`warning: ${warning}`);

    const versioned = await isVersioned(s3, args.bucket);
    const steps = setupSteps(s3, { ...inputOf(args, sqs, account), versioned });
    const findings = await plan(steps, { leaveAbsent: !isAwsEndpoint(args.endpoint) });
    out(args.json ? asJson(findings) : ['Plan', ...findings.map(line)].join('\n  '));
    if (args.dryRun) return;

    refuseWithoutConsent(findings, args.yes);
    const say = args.json ? () => {} : out;
    await carryOut(findings, (done) => say(`  ${done}`));
    say(findings.some(({ kind }) => kind === 'create' || kind === 'change') ? 'Done.' : 'Nothing to change.');
    say(await whatNext(args, sqs, account));
  } finally {
    s3.destroy();
    sqs.destroy();
  }
}

const inputOf = (args: SetupArguments, sqs: SQSClient, account: string): SetupInput => ({
  deployment: {
    bucket: args.bucket,
    region: args.region,
    account: args.endpoint && args.account === '000000000000' ? undefined : account,
    origins: args.origins,
    serving: args.serving,
    requireTls: hasTls(args.endpoint),
  },
  ...(args.queueName
    ? { queue: { sqs, queueName: args.queueName, account, requireTls: hasTls(args.sqsEndpoint) } }
    : {}),
});

const hasTls = (endpoint: string | undefined): boolean => !endpoint?.startsWith('http://');

const asJson = (findings: Finding[]): string =>
  JSON.stringify(
    findings.map(({ step, ...rest }) => ({ step: step.name, ...rest })),
    null,
    2,
  );

const SKIPPED = ': AWS gives buckets this setting; it is left out where the store does not';
const MARKS: Record<Finding['kind'], string> = {
  create: '+ create',
  change: '~ change',
  same: '= keep  ',
  skipped: '- skip  ',
};
const line = ({ step, kind, consent }: Finding): string =>
  [
    `${MARKS[kind]}  ${step.name}${kind === 'skipped' ? SKIPPED : ''}`,
    ...consent.map((what) => `    ! ${what}`),
  ].join('\n  ');

function refuseWithoutConsent(findings: Finding[], yes: boolean): void {
  const asked = findings.flatMap(({ step, consent }) => consent.map((what) => `  ${step.name} ${what}`));
  if (asked.length === 0 || yes) return;
  throw new Error(
    `Nothing was changed: this would allow more than is allowed now, or drop settings that are not ours.\n${asked.join('\n')}\nRun it again with --yes if that is what you want.`,
  );
}
