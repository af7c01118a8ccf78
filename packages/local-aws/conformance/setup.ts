import type { TestProject } from 'vitest/node';
import { startLocalAws } from '../src/index.ts';
import { readTarget, type Target } from './target.ts';

declare module 'vitest' {
  interface ProvidedContext {
    s3Target: Target;
  }
}

const root = { accessKeyId: 'CONFORMANCEROOT', secretAccessKey: 'conformance-secret-of-root' };
const app = { accessKeyId: 'CONFORMANCEAPP', secretAccessKey: 'conformance-secret-of-app' };

/** Takes the endpoint that the environment names, or starts local-aws for the run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const named = readTarget(process.env);
  if (named) {
    project.provide('s3Target', named);
    return async () => {};
  }
  const local = await startLocalAws({
    users: [
      { name: 'root', ...root },
      {
        name: 'app',
        ...app,
        // Nothing that the suite asks for: what `app` may do comes from bucket policies alone.
        policy: {
          Version: '2012-10-17',
          Statement: [{ Sid: 'Nothing', Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' }],
        },
      },
    ],
    log: console.error,
  });
  project.provide('s3Target', {
    endpoint: local.endpoint,
    region: 'us-east-1',
    root,
    app: { ...app, principal: 'arn:aws:iam::000000000000:user/app' },
    sqsEndpoint: local.endpoint,
    deviations: undefined,
  });
  return () => local.stop();
}
