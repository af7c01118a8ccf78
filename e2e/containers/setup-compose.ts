import { parseEnv } from 'node:util';
import type { TestProject } from 'vitest/node';
import type { Service } from '../service.ts';
import { type Compose, compose } from './compose.ts';
import { freePorts } from './free-port.ts';

declare module 'vitest' {
  interface ProvidedContext {
    compose: Compose;
  }
}

/** Builds the images and starts docker-compose.yml as on a fresh clone: without a `.env`, with empty volumes. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [port, awsPort] = await freePorts(2);
  const run: Compose = {
    name: `s3-image-app-test-${process.pid}`,
    env: {
      COMPOSE_DISABLE_ENV_FILE: 'true',
      PORT: String(port),
      LOCAL_AWS_PORT: String(awsPort),
    },
  };
  const remove = async () => {
    await compose(run, 'down', '--volumes', '--remove-orphans', '--timeout', '15');
  };
  try {
    await compose(run, 'up', '--build', '--wait');
    project.provide('compose', run);
    project.provide('service', await serviceOf(run));
    return remove;
  } catch (error) {
    const logs = await compose(run, 'logs', '--no-color', '--tail', '50').catch(String);
    await remove();
    throw new Error(`${(error as Error).message}\n${logs}`);
  }
}

/** The secrets that were made at the start are in the containers that need them. */
async function serviceOf(run: Compose): Promise<Service> {
  const secretsOf = async (service: string) =>
    parseEnv(await compose(run, 'exec', '-T', service, 'cat', '/run/app/env'));
  const { JWT_SECRET: jwtSecret = '' } = await secretsOf('api');
  const [root] = JSON.parse((await secretsOf('local-aws')).LOCAL_AWS_USERS ?? '[]');
  return {
    url: `http://localhost:${run.env.PORT}`,
    jwtSecret,
    s3: {
      endpoint: `http://localhost:${run.env.LOCAL_AWS_PORT}`,
      region: 'us-east-1',
      bucket: 's3-image-app',
      keys: root,
    },
  };
}
