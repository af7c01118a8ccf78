import type { TestProject } from 'vitest/node';
import { launch, readSecrets, stop, temporaryDataDir, untilReady } from './launch.ts';
import type { Service } from './service.ts';

/**
 * Starts the service by its start command, or takes the one that the environment names: E2E_BASE_URL, E2E_JWT_SECRET,
 * and E2E_S3_ENDPOINT, E2E_S3_REGION, E2E_S3_BUCKET, E2E_S3_ACCESS_KEY_ID, E2E_S3_SECRET_ACCESS_KEY of a user who may
 * list the bucket and put objects into it. E2E_S3_IGNORES_SHA256=1 where the store compares no checksums, as Ceph's.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (process.env.E2E_BASE_URL) {
    project.provide('service', serviceOf(process.env));
    return async () => {};
  }
  const dataDir = await temporaryDataDir();
  const launched = launch({ DATA_DIR: dataDir.path });
  const { url, s3 } = await untilReady(launched, dataDir.path);
  const secrets = await readSecrets(dataDir.path);
  project.provide('service', { url, jwtSecret: secrets.jwtSecret, s3: { ...s3, keys: secrets.aws.root } });
  return async () => {
    await stop(launched);
    await dataDir.remove();
  };
}

function serviceOf(env: NodeJS.ProcessEnv): Service {
  const variable = (name: string): string => {
    const value = env[name];
    if (!value) throw new Error(`${name} is not set: with E2E_BASE_URL all E2E_ variables are needed`);
    return value;
  };
  return {
    url: variable('E2E_BASE_URL').replace(/\/+$/, ''),
    jwtSecret: variable('E2E_JWT_SECRET'),
    s3: {
      endpoint: variable('E2E_S3_ENDPOINT'),
      region: variable('E2E_S3_REGION'),
      bucket: variable('E2E_S3_BUCKET'),
      keys: {
        accessKeyId: variable('E2E_S3_ACCESS_KEY_ID'),
        secretAccessKey: variable('E2E_S3_SECRET_ACCESS_KEY'),
      },
      ignoresSha256: env.E2E_S3_IGNORES_SHA256 === '1',
    },
  };
}
