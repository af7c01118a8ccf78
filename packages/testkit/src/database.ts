import { randomBytes } from 'node:crypto';

import { inject } from 'vitest';
import { administer, urlOfDatabase } from './postgres.ts';
import './provided.ts';

export type TestDatabase = {
  url: string;
  /**
   * Ends the connections that listen and lets nobody in any more, until the answered function is called. Connections
   * of another kind that are open stay.
   */
  shutOutListeners: () => Promise<() => Promise<void>>;
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
    shutOutListeners: async () => {
      await administer(postgresUrl, `alter database ${name} with allow_connections false`);
      await administer(
        postgresUrl,
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}' and query like 'listen%'`,
      );
      return () => administer(postgresUrl, `alter database ${name} with allow_connections true`);
    },
    drop: () => administer(postgresUrl, `drop database ${name} with (force)`),
  };
}
