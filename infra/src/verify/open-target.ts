import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { identity } from '../setup/identity.ts';
import { isAwsEndpoint } from '../setup/is-aws-endpoint.ts';
import { queueUrl } from '../setup/queue-steps.ts';
import { type CredentialSource, type Deployed, UsageError } from './arguments.ts';
import type { Clients, Target } from './bench.ts';

/** How long a running worker usually needs for an event of AWS's, and more. */
const WORKER_GRACE_MS = 5_000;

/** Opens clients for all three and finds what was left to be found. `close` ends the clients. */
export async function openTarget(
  deployed: Deployed,
  timeoutMs: number,
): Promise<Target & { close: () => void }> {
  const [operator, api, worker] = [deployed.operator, deployed.api, deployed.worker].map((source) =>
    openClients(deployed, source),
  ) as [Clients, Clients, Clients];
  const close = () => {
    for (const { s3, sqs } of [operator, api, worker]) {
      s3.destroy();
      sqs.destroy();
    }
  };
  try {
    const { bucket, region, origins, serving, endpoint } = deployed;
    // A store has no accounts, so its bucket policy cannot name one.
    const account = isAwsEndpoint(endpoint)
      ? (await identity({ region, endpoint: undefined, account: undefined }, operator.s3)).account
      : undefined;
    return {
      deployment: { bucket, region, account, origins, serving, requireTls: !endpoint?.startsWith('http:') },
      isAws: isAwsEndpoint(endpoint),
      bucketUrl: await bucketUrl(api.s3, bucket),
      queueUrl: await findQueue(deployed, operator),
      operator,
      api,
      worker,
      service: deployed.service,
      publicUrl: deployed.publicUrl,
      timeoutMs,
      workerGraceMs: Math.min(WORKER_GRACE_MS, timeoutMs / 2),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

function openClients(
  { region, endpoint, sqsEndpoint }: Deployed,
  source: CredentialSource | undefined,
): Clients {
  return {
    s3: new S3Client({
      ...source,
      region,
      ...(endpoint ? { endpoint, forcePathStyle: true } : {}),
      // A probe asks once: what is slow or refused is what we came to see.
      maxAttempts: 2,
      requestChecksumCalculation: 'WHEN_REQUIRED',
    }),
    sqs: new SQSClient({ ...source, region, ...(sqsEndpoint ? { endpoint: sqsEndpoint } : {}) }),
  };
}

/** Where a form would be sent to: the address that the SDK, and so the API, gives browsers. */
async function bucketUrl(s3: S3Client, Bucket: string): Promise<string> {
  const { url } = await createPresignedPost(s3, { Bucket, Key: 'any' });
  return url.replace(/\/$/, '');
}

async function findQueue({ queue, bucket }: Deployed, { sqs }: Clients): Promise<string | undefined> {
  if (queue === 'none') return undefined;
  if (queue !== 'default') return queue.url;
  const name = `${bucket}-originals`;
  const url = await queueUrl(sqs, name);
  if (!url)
    throw new UsageError(`There is no queue "${name}": name yours with --queue-url, or use --no-queue`);
  return url;
}
