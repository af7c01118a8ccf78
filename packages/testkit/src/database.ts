import { randomBytes } from 'node:crypto';

import { inject } from 'vitest';
import { administer, urlOfDatabase } from './postgres.ts';
import './provided.ts';

export type TestDatabase = {
  url: string;
  /** Closes what is still connected and removes the database. */
  drop: () => Promise<void>;
};

/** A database of the caller's own with every migration applied, empty. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { postgresUrl, templateDatabase } = inject('testkit');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await administer(postgresUrl, `create database ${name} template ${templateDatabase}`);
  return {
    url: urlOfDatabase(postgresUrl, name),
    drop: () => administer(postgresUrl, `drop database ${name} with (force)`),
  };
}
