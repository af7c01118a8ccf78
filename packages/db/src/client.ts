import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import * as schema from './schema.ts';

export type Db = PostgresJsDatabase<typeof schema> & { $client: postgres.Sql };

export type DbConnection = {
  db: Db;
  /** Resolves when PostgreSQL answers a query; rejects with the connection's error. */
  ping: () => Promise<void>;
  /** Lets running queries finish for up to 5 seconds, then closes every connection. */
  close: () => Promise<void>;
};

/** Opens a pool on `url` (`postgres://user:password@host:port/database`). Connects at the first query. */
export function connectDb(
  url: string,
  options: { maxConnections?: number; name?: string } = {},
): DbConnection {
  const client = postgres(url, {
    max: options.maxConnections ?? 10,
    connection: { application_name: options.name ?? 's3-image-app' },
    // Notices (such as "relation already exists, skipping") are no news to the operator.
    onnotice: () => {},
  });
  return {
    db: drizzle(client, { schema }),
    ping: async () => {
      await client`select 1`;
    },
    close: () => client.end({ timeout: 5 }),
  };
}
