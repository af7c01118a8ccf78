import { apiPolicy, workerPolicy } from '@s3-image-app/infra';
import type { LocalUser } from '@s3-image-app/local-aws';

export const REGION = 'us-east-1';

export type Credentials = { accessKeyId: string; secretAccessKey: string };

/**
 * Who may use the run's local-aws. `api` and `worker` may do what they may in production, but with every
 * bucket and queue of the run, of which each test file has its own.
 */
export const credentials = {
  root: { accessKeyId: 'TESTROOT', secretAccessKey: 'test-secret-of-root' },
  api: { accessKeyId: 'TESTAPI', secretAccessKey: 'test-secret-of-api' },
  worker: { accessKeyId: 'TESTWORKER', secretAccessKey: 'test-secret-of-worker' },
} satisfies Record<string, Credentials>;

export const localUsers: LocalUser[] = [
  { name: 'root', ...credentials.root },
  { name: 'api', ...credentials.api, policy: apiPolicy({ bucket: '*' }) },
  {
    name: 'worker',
    ...credentials.worker,
    policy: workerPolicy({ bucket: '*', queueArn: `arn:aws:sqs:${REGION}:000000000000:*` }),
  },
];
