import { createTestDatabase } from '@s3-image-app/testkit';
import { expect, it } from 'vitest';
import { connectDb } from './client.ts';
import { migrateDb } from './migrate.ts';
import { countPending } from './queries.ts';

it('many processes may migrate the same database at once, and again later', async () => {
  const database = await createTestDatabase({ migrated: false });
  try {
    await Promise.all(Array.from({ length: 4 }, () => migrateDb(database.url)));
    await migrateDb(database.url);
    const connection = connectDb(database.url);
    expect(await countPending(connection.db, 'alice')).toBe(0);
    await connection.close();
  } finally {
    await database.drop();
  }
});

it('opens no connection before the first query, and says why when there is no server', async () => {
  const connection = connectDb('postgres://nobody@127.0.0.1:1/none');
  await expect(connection.ping()).rejects.toThrow('ECONNREFUSED');
  await connection.close();
});
