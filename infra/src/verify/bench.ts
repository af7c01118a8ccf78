import { randomUUID } from 'node:crypto';
import { DeleteObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Deployment } from '../deployment.ts';
import { quarantineKey } from '../layout.ts';

export type Clients = { s3: S3Client; sqs: SQSClient };

/** What is verified, and by whose hands. */
export type Target = {
  deployment: Deployment;
  /** AWS itself, not a store that is compatible with it. */
  isAws: boolean;
  /** The bucket's address as browsers use it, without a slash at its end. */
  bucketUrl: string;
  /** Absent where the store has no queue. */
  queueUrl: string | undefined;
  /** Reads settings, and removes what the probes leave. */
  operator: Clients;
  /** The two roles, by their own credentials. */
  api: Clients;
  worker: Clients;
  /** The running API with a token for it; absent: the canary is skipped. */
  service: { url: string; token: string } | undefined;
  /** Where CloudFront or another CDN serves public images, e.g. `https://img.example.com`. */
  publicUrl: string | undefined;
  /** How long an event or the canary may take. */
  timeoutMs: number;
  /** How long a running worker has for our test message before we look into the queue ourselves. */
  workerGraceMs: number;
};

/** The target, with a note of every key that a probe may have put. */
export type Bench = Target & {
  /**
   * Every key that any probe writes, or tries to, is taken from here: what is noted is removed. Under `quarantine/`
   * too it is no image's key, so that a running worker leaves it alone.
   */
  newKey: (prefix: string) => string;
  /** The key of an original, but of no image: a running worker removes it when it hears of it. */
  newOriginalKey: () => string;
  /** Keys under `quarantine/` that S3 took, of each of which it tells the queue. */
  originals: Set<string>;
  /** No running worker took our event: we found it in the queue ourselves. */
  eventsComeToUs: boolean;
  /** Removes every noted key. Answers those that could not be removed. */
  clear: () => Promise<string[]>;
};

export function openBench(target: Target): Bench {
  const noted = new Set<string>();
  const note = (key: string): string => {
    noted.add(key);
    return key;
  };
  return {
    ...target,
    newKey: (prefix) => note(`${prefix}verify/${randomUUID()}`),
    newOriginalKey: () => note(quarantineKey(randomUUID())),
    originals: new Set(),
    eventsComeToUs: false,
    clear: async () => {
      const left = await Promise.all([...noted].map((key) => remove(target, key)));
      return left.filter((key) => key !== undefined);
    },
  };
}

async function remove({ operator, deployment }: Target, key: string): Promise<string | undefined> {
  try {
    await operator.s3.send(new DeleteObjectCommand({ Bucket: deployment.bucket, Key: key }));
    return undefined;
  } catch {
    return key;
  }
}

/** Asked of the listing, which the bucket's owner may see also where an object belongs to its writer. */
export async function exists({ operator, deployment }: Target, key: string): Promise<boolean> {
  const { Contents = [] } = await operator.s3.send(
    new ListObjectsV2Command({ Bucket: deployment.bucket, Prefix: key, MaxKeys: 1 }),
  );
  return Contents.length > 0;
}
