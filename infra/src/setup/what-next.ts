import type { SQSClient } from '@aws-sdk/client-sqs';
import { apiPolicy, workerPolicy } from '../iam.ts';
import { queueArn } from '../names.ts';
import type { SetupArguments } from './arguments.ts';
import { queueUrl } from './queue-steps.ts';

/** What the owner does next: the settings and the two roles' policies, ready to be pasted. */
export async function whatNext(args: SetupArguments, sqs: SQSClient, account: string): Promise<string> {
  const settings = [
    `AWS_REGION=${args.region}`,
    `S3_BUCKET=${args.bucket}`,
    `ALLOWED_ORIGINS=${args.origins.join(',')}`,
    ...(args.endpoint ? [`S3_ENDPOINT=${args.endpoint}`, 'S3_FORCE_PATH_STYLE=true'] : []),
  ];
  if (args.queueName) settings.push(`SQS_QUEUE_URL=${await queueUrl(sqs, args.queueName)}`);
  if (args.queueName && args.sqsEndpoint) settings.push(`SQS_ENDPOINT=${args.sqsEndpoint}`);
  const queue = args.queueName && queueArn({ name: args.queueName, region: args.region, account });
  return [
    `\nSettings for api and worker:\n${settings.map((setting) => `  ${setting}`).join('\n')}`,
    ...(args.queueName ? [] : [BRIDGE]),
    `\nPolicy of the API's role:\n${JSON.stringify(apiPolicy(args), null, 2)}`,
    `\nPolicy of the worker's role:\n${JSON.stringify(workerPolicy({ ...args, queueArn: queue }), null, 2)}`,
    '\nProve it with "pnpm verify:aws".',
  ].join('\n');
}

const BRIDGE = `
Nothing tells the worker of new originals yet: --no-queue left that out. Bridge the store's own notifications
to an SQS queue (infra/README.md tells how) and set SQS_QUEUE_URL. Without that only the worker's sweeper
finds originals, minutes later.`;
