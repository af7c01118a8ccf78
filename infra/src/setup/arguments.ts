import { parseArgs } from 'node:util';
import { checkOrigins, type Serving } from '../deployment.ts';

export const USAGE = `pnpm setup:aws -- --bucket NAME --domain https://app.example.com [options]

Creates the bucket, its policies and the queues, or brings them to what they should be. Prints
its plan first; a second run changes nothing. Credentials come from the usual AWS sources.

  --bucket NAME          the bucket (required)
  --domain ORIGIN        a site that uploads and shows images; may be repeated (required)
  --region REGION        default: AWS_REGION, else us-east-1
  --queue NAME           default: BUCKET-originals
  --distribution ARN     serve public images through this CloudFront distribution, not by Referer
  --endpoint URL         an S3-compatible store instead of AWS
  --sqs-endpoint URL     its queue service; default: the endpoint
  --no-queue             the store has no SQS: set up the bucket alone
  --account ID           default: asked of AWS; 000000000000 with an endpoint
  --dry-run              print the plan and stop
  --yes                  also make changes that allow more than is allowed now
  --json                 the plan as JSON
  --help`;

export type SetupArguments = {
  bucket: string;
  origins: string[];
  region: string;
  queueName: string | undefined;
  serving: Serving;
  endpoint: string | undefined;
  sqsEndpoint: string | undefined;
  account: string | undefined;
  dryRun: boolean;
  yes: boolean;
  json: boolean;
};

/** The call is not usable; the message names the option and what it takes. */
export class UsageError extends Error {}

/** @throws {UsageError} */
export function parseArguments(argv: string[], region: string | undefined): SetupArguments | 'help' {
  const { values } = parse(argv);
  if (values.help) return 'help';
  const bucket = values.bucket ?? '';
  // Names with a dot break TLS for BUCKET.s3.amazonaws.com.
  if (!/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(bucket)) {
    throw new UsageError('--bucket must be 3 to 63 lower-case letters, digits and hyphens');
  }
  return {
    bucket,
    origins: originsOf(values.domain ?? []),
    region: values.region ?? region ?? 'us-east-1',
    queueName: values['no-queue'] ? undefined : (values.queue ?? `${bucket}-originals`),
    serving: values.distribution
      ? { mode: 'cloudfront', distributionArn: values.distribution }
      : { mode: 'referer' },
    endpoint: urlOf('--endpoint', values.endpoint),
    sqsEndpoint: urlOf('--sqs-endpoint', values['sqs-endpoint']) ?? values.endpoint,
    account: values.account ?? (values.endpoint ? '000000000000' : undefined),
    dryRun: values['dry-run'],
    yes: values.yes,
    json: values.json,
  };
}

function urlOf(option: string, value: string | undefined): string | undefined {
  if (value !== undefined && !/^https?:$/.test(URL.parse(value)?.protocol ?? '')) {
    throw new UsageError(`${option} must be a URL such as https://s3.example.com, not "${value}"`);
  }
  return value;
}

function originsOf(domains: string[]): string[] {
  try {
    return checkOrigins(domains.map((domain) => domain.replace(/\/$/, '')));
  } catch (error) {
    throw new UsageError(`--domain: ${(error as Error).message}`);
  }
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      // "pnpm setup:aws -- --bucket x" hands the separator on.
      args: argv.filter((argument) => argument !== '--'),
      options: {
        bucket: { type: 'string' },
        domain: { type: 'string', multiple: true },
        region: { type: 'string' },
        queue: { type: 'string' },
        distribution: { type: 'string' },
        endpoint: { type: 'string' },
        'sqs-endpoint': { type: 'string' },
        'no-queue': { type: 'boolean', default: false },
        account: { type: 'string' },
        'dry-run': { type: 'boolean', default: false },
        yes: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
