import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';

/** Any fixed number: it only has to be the same in every process that migrates. */
const MIGRATION_LOCK = 5_319_771;

const migrationsFolder = fileURLToPath(new URL('../migrations', import.meta.url));

/**
 * Brings the database at `url` to the newest schema. Safe to run from many processes at once:
 * an advisory lock lets one through, the others wait and then find nothing to do.
 */
export async function migrateDb(url: string): Promise<void> {
  // One connection, because a session's advisory lock belongs to its connection.
  const client = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await client`select pg_advisory_lock(${MIGRATION_LOCK})`;
    await migrate(drizzle(client), { migrationsFolder });
  } finally {
    // Closing the session releases the lock, also after a failure.
    await client.end({ timeout: 5 });
  }
}
