/** `pnpm setup:aws`: from nothing, or from whatever is there, to a locked-down bucket that reports to its queue. */
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { apiPolicy, workerPolicy } from '../iam.ts';
import { queueArn } from '../names.ts';
import { parseArguments, type SetupArguments, USAGE, UsageError } from './arguments.ts';
import { carryOut, plan } from './converge.ts';
import { identity } from './identity.ts';
import { queueUrl } from './queue-steps.ts';
import type { Finding } from './step.ts';
import { setupSteps } from './steps.ts';

try {
  const parsed = parseArguments(process.argv.slice(2), process.env.AWS_REGION);
  if (parsed === 'help') console.log(USAGE);
  else await setUp(parsed);
} catch (error) {
  console.error(error instanceof UsageError ? `${error.message}\n\n${USAGE}` : explain(error));
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

async function setUp(args: SetupArguments): Promise<void> {
  const say = args.json ? () => {} : console.log;
  const s3 = new S3Client({
    region: args.region,
    ...(args.endpoint ? { endpoint: args.endpoint, forcePathStyle: true } : {}),
  });
  const sqs = new SQSClient({
    region: args.region,
    ...(args.sqsEndpoint ? { endpoint: args.sqsEndpoint } : {}),
  });
  const { account, warnings } = await identity(args, s3);
  for (const warning of warnings) console.error(`warning: ${warning}`);

  const findings = await plan(
    setupSteps(s3, {
      deployment: {
        bucket: args.bucket,
        region: args.region,
        account: args.endpoint && args.account === '000000000000' ? undefined : account,
        origins: args.origins,
        serving: args.serving,
        requireTls: !args.endpoint?.startsWith('http://'),
      },
      ...(args.queueName ? { queue: { sqs, queueName: args.queueName, account } } : {}),
    }),
  );
  if (args.json)
    console.log(
      JSON.stringify(
        findings.map(({ step, ...rest }) => ({ step: step.name, ...rest })),
        null,
        2,
      ),
    );
  say('Plan');
  for (const finding of findings) say(`  ${line(finding)}`);
  if (args.dryRun) return;

  const widening = findings.flatMap((finding) =>
    finding.widening.map((what) => `${finding.step.name} ${what}`),
  );
  if (widening.length > 0 && !args.yes) {
    throw new Error(
      `Nothing was changed: more would be allowed than is now.\n${widening.map((what) => `  ${what}`).join('\n')}\nRun it again with --yes if that is what you want.`,
    );
  }
  await carryOut(findings, (done) => say(`  ${done}`));
  say(findings.some(({ kind }) => kind === 'create' || kind === 'change') ? 'Done.' : 'Nothing to change.');
  say(await whatNext(args, sqs, account));
}

const MARKS: Record<Finding['kind'], string> = {
  create: '+ create',
  change: '~ change',
  same: '= keep',
  unsupported: '- not supported here, skipped',
};
const line = ({ step, kind, widening }: Finding): string =>
  [`${MARKS[kind]}  ${step.name}`, ...widening.map((what) => `      ! ${what}`)].join('\n');

async function whatNext(args: SetupArguments, sqs: SQSClient, account: string): Promise<string> {
  const settings = [
    `AWS_REGION=${args.region}`,
    `S3_BUCKET=${args.bucket}`,
    `ALLOWED_ORIGINS=${args.origins.join(',')}`,
    ...(args.endpoint ? [`S3_ENDPOINT=${args.endpoint}`, 'S3_FORCE_PATH_STYLE=true'] : []),
  ];
  if (!args.queueName) {
    return `\nSettings for api and worker:\n${indent(settings)}\nThis store has no SQS. Bridge its notifications to a queue as docs/deploy.md tells, and set SQS_QUEUE_URL.`;
  }
  const arn = queueArn({ name: args.queueName, region: args.region, account });
  settings.push(`SQS_QUEUE_URL=${await queueUrl(sqs, args.queueName)}`);
  if (args.sqsEndpoint) settings.push(`SQS_ENDPOINT=${args.sqsEndpoint}`);
  return [
    `\nSettings for api and worker:\n${indent(settings)}`,
    `\nPolicy of the API's role:\n${JSON.stringify(apiPolicy(args), null, 2)}`,
    `\nPolicy of the worker's role:\n${JSON.stringify(workerPolicy({ ...args, queueArn: arn }), null, 2)}`,
    '\nProve it with "pnpm verify:aws".',
  ].join('\n');
}

const indent = (lines: string[]): string => lines.map((text) => `  ${text}`).join('\n');

/** The errors that a first run meets, with what to do about them. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const name = error.cause instanceof Error ? error.cause.name : error.name;
  const hints: Record<string, string> = {
    CredentialsProviderError:
      'No AWS credentials were found: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    BucketAlreadyExists: 'Somebody else owns a bucket of that name: choose another with --bucket.',
    AccessDenied:
      'These credentials may not do that: setting up needs s3:*Bucket* on the bucket and sqs:* on the queues.',
    ECONNREFUSED: 'Nothing answers at the endpoint: is it running?',
    UnknownOperationException: 'The endpoint has no SQS: name one with --sqs-endpoint, or use --no-queue.',
  };
  return [error.message, hints[name]].filter(Boolean).join('\n');
}
