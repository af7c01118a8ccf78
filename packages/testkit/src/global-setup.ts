import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalAws } from '@s3-image-app/local-aws';
import { migrate, startEmbeddedPostgres } from '@s3-image-app/stack';
import type { TestProject } from 'vitest/node';

import { localUsers, REGION } from './identities.ts';
import { administer, urlOfDatabase } from './postgres.ts';
import './provided.ts';
import { recordAccesses } from './recorded-accesses.ts';

const TEMPLATE = 'migrated';

/** Starts one PostgreSQL with a migrated template database and one local-aws for the whole run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 's3-image-app-test-'));
  // PostgreSQL, which runs as another user if we are root, must be able to enter.
  await chmod(folder, 0o711);
  const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), durable: false });
  const accesses = join(folder, 'accesses.jsonl');
  const aws = await startLocalAws({
    region: REGION,
    users: localUsers,
    log: console.error,
    onAccess: recordAccesses(accesses),
  });
  await administer(postgres.url, `create database ${TEMPLATE}`);
  await migrate(urlOfDatabase(postgres.url, TEMPLATE));
  project.provide('testkit', {
    postgresUrl: postgres.url,
    templateDatabase: TEMPLATE,
    awsEndpoint: aws.endpoint,
  });
  // To every project: one that runs after this one looks at what was recorded.
  project.vitest.getRootProject().provide('recordedAccesses', accesses);
  return async () => {
    await Promise.all([aws.stop(), postgres.stop()]);
    await rm(folder, { recursive: true, force: true });
  };
}
