import { parseArgs } from 'node:util';
import { checkOrigins, type Serving } from '../deployment.ts';

/** Less than the time that SQS can hide a message, which is what waiting for one rests on. */
const MAX_SECONDS = 3600;

export const USAGE = `pnpm verify:aws -- --bucket NAME --domain https://app.example.com [options]
pnpm verify:aws -- --local

Asks a deployment whether it is as locked as it should be, by trying. Prints a line for each probe,
with the fix where one fails, and removes what it put. Exit code: 0 all well, 1 a probe failed, 2 not usable.

  --local                what "pnpm start" runs here; finds everything by itself (DATA_DIR)
  --bucket NAME          the bucket
  --domain ORIGIN        a site that uploads and shows images; may be repeated
  --region REGION        default: AWS_REGION, else us-east-1
  --queue-url URL        default: the URL of BUCKET-originals
  --no-queue             the store has no SQS: leave the queue out
  --distribution ARN     public images are served through this CloudFront distribution, not by Referer
  --public-url URL       ... and this is its address
  --endpoint URL         an S3-compatible store instead of AWS
  --sqs-endpoint URL     its queue service; default: the endpoint
  --api-url URL          the running API, for an image from form to ready
  --token JWT            a token for it; better: VERIFY_TOKEN, which no process list shows
  --timeout SECONDS      how long an event or that image may take; default: 60
  --json                 the report as JSON
  --help

Credentials. The operator's, who may read the bucket's settings and delete, come from the usual AWS sources.
Each role's own come from a profile (which may assume the role), or from variables:

  --api-profile NAME     or VERIFY_API_ACCESS_KEY_ID, VERIFY_API_SECRET_ACCESS_KEY, VERIFY_API_SESSION_TOKEN
  --worker-profile NAME  or VERIFY_WORKER_ACCESS_KEY_ID, VERIFY_WORKER_SECRET_ACCESS_KEY, VERIFY_WORKER_SESSION_TOKEN`;

/** Where the credentials of somebody come from. */
export type CredentialSource =
  | { profile: string }
  | { credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } };

export type Deployed = {
  bucket: string;
  origins: string[];
  region: string;
  /** `default`: the queue that setup:aws makes. */
  queue: { url: string } | 'default' | 'none';
  serving: Serving;
  publicUrl?: string | undefined;
  endpoint?: string | undefined;
  sqsEndpoint?: string | undefined;
  service?: { url: string; token: string } | undefined;
  /** Absent: the SDK's default chain. */
  operator?: CredentialSource;
  api: CredentialSource;
  worker: CredentialSource;
};

export type VerifyArguments = {
  /** `local`: what `dataDir` tells of. */
  deployed: Deployed | 'local';
  dataDir: string;
  timeoutMs: number;
  json: boolean;
};

export type Environment = Record<string, string | undefined>;

/** The call is not usable; the message names the option or variable and what it takes. */
export class UsageError extends Error {}

/** @throws {UsageError} */
export function parseArguments(argv: string[], env: Environment): VerifyArguments | 'help' {
  const { values } = parse(argv);
  if (values.help) return 'help';
  return {
    deployed: values.local ? 'local' : deployedOf(values, env),
    dataDir: env.DATA_DIR || '.data',
    timeoutMs: secondsOf(values.timeout) * 1000,
    json: values.json,
  };
}

type Values = ReturnType<typeof parse>['values'];

function deployedOf(values: Values, env: Environment): Deployed {
  if (!values.bucket) throw new UsageError('--bucket names the bucket to look at; or use --local');
  return {
    bucket: values.bucket,
    origins: originsOf(values.domain ?? []),
    region: values.region ?? env.AWS_REGION ?? 'us-east-1',
    queue: queueOf(values),
    serving: values.distribution
      ? { mode: 'cloudfront', distributionArn: values.distribution }
      : { mode: 'referer' },
    publicUrl: urlOf('--public-url', values['public-url']),
    endpoint: urlOf('--endpoint', values.endpoint),
    sqsEndpoint: urlOf('--sqs-endpoint', values['sqs-endpoint'] ?? values.endpoint),
    service: serviceOf(values, env),
    api: roleOf('API', values['api-profile'], env),
    worker: roleOf('WORKER', values['worker-profile'], env),
  };
}

function queueOf(values: Values): Deployed['queue'] {
  const url = urlOf('--queue-url', values['queue-url']);
  if (url && values['no-queue']) throw new UsageError('--queue-url and --no-queue contradict each other');
  if (values['no-queue']) return 'none';
  return url ? { url } : 'default';
}

function serviceOf(values: Values, env: Environment): Deployed['service'] {
  const url = urlOf('--api-url', values['api-url']);
  const token = values.token ?? env.VERIFY_TOKEN;
  if (!url) return undefined;
  if (!token) throw new UsageError('--api-url needs a token for the API: set VERIFY_TOKEN, or give --token');
  return { url, token };
}

/** Never says what a variable holds. */
function roleOf(role: 'API' | 'WORKER', profile: string | undefined, env: Environment): CredentialSource {
  if (profile) return { profile };
  const name = (part: string) => `VERIFY_${role}_${part}`;
  const accessKeyId = env[name('ACCESS_KEY_ID')];
  const secretAccessKey = env[name('SECRET_ACCESS_KEY')];
  const sessionToken = env[name('SESSION_TOKEN')];
  if (!accessKeyId || !secretAccessKey) {
    throw new UsageError(
      `The ${role.toLowerCase()} role's own credentials are needed: give --${role.toLowerCase()}-profile, or set ${name('ACCESS_KEY_ID')} and ${name('SECRET_ACCESS_KEY')}`,
    );
  }
  return { credentials: { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) } };
}

function secondsOf(value: string): number {
  const seconds = /^\d+$/.test(value) ? Number(value) : 0;
  if (seconds < 1 || seconds > MAX_SECONDS) {
    throw new UsageError(`--timeout must be a whole number of seconds, 1 to ${MAX_SECONDS}, not "${value}"`);
  }
  return seconds;
}

function originsOf(domains: string[]): string[] {
  try {
    return checkOrigins(domains.map((domain) => domain.replace(/\/$/, '')));
  } catch (error) {
    throw new UsageError(`--domain: ${(error as Error).message}`);
  }
}

function urlOf(option: string, value: string | undefined): string | undefined {
  if (value !== undefined && !/^https?:$/.test(URL.parse(value)?.protocol ?? '')) {
    throw new UsageError(`${option} must be a URL such as https://example.com, not "${value}"`);
  }
  return value?.replace(/\/$/, '');
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      // "pnpm verify:aws -- --bucket x" hands the separator on.
      args: argv.filter((argument) => argument !== '--'),
      options: {
        local: { type: 'boolean', default: false },
        bucket: { type: 'string' },
        domain: { type: 'string', multiple: true },
        region: { type: 'string' },
        'queue-url': { type: 'string' },
        'no-queue': { type: 'boolean', default: false },
        distribution: { type: 'string' },
        'public-url': { type: 'string' },
        endpoint: { type: 'string' },
        'sqs-endpoint': { type: 'string' },
        'api-url': { type: 'string' },
        token: { type: 'string' },
        timeout: { type: 'string', default: '60' },
        'api-profile': { type: 'string' },
        'worker-profile': { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
