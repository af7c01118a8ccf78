import { randomBytes } from 'node:crypto';

import { inject } from 'vitest';
import { administer, urlOfDatabase } from './postgres.ts';
import './provided.ts';

export type TestDatabase = {
  url: string;
  /** Closes what is still connected and removes the database. */
  drop: () => Promise<void>;
};

/** A database of the caller's own, without rows; with every migration applied unless told otherwise. */
export async function createTestDatabase(options: { migrated?: boolean } = {}): Promise<TestDatabase> {
  const { postgresUrl, templateDatabase } = inject('testkit');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await administer(
    postgresUrl,
    `create database ${name} template ${options.migrated === false ? 'template0' : templateDatabase}`,
  );
  return {
    url: urlOfDatabase(postgresUrl, name),
    drop: () => administer(postgresUrl, `drop database ${name} with (force)`),
  };
}
