import { randomUUID } from 'node:crypto';
import { createTestDatabase } from '@s3-image-app/testkit';
import { afterAll } from 'vitest';
import { connectDb, type DbConnection } from '../src/client.ts';
import type { NewImage } from '../src/create-images.ts';

/** A connection to a migrated database of the test file's own; both are gone when its tests are done. */
export async function openTestDatabase(options: { maxConnections?: number } = {}): Promise<DbConnection> {
  const database = await createTestDatabase();
  const connection = connectDb(database.url, options);
  afterAll(async () => {
    await connection.close();
    await database.drop();
  });
  return connection;
}

/** What `createImages` asks for: alice's private JPEG, whose form is good for five minutes, unless told otherwise. */
export const newImage = (over: Partial<NewImage> = {}): NewImage => ({
  id: randomUUID(),
  ownerId: 'alice',
  contentType: 'image/jpeg',
  maxBytes: 5_000_000_000,
  formExpiresAt: new Date(Date.now() + 300_000),
  folder: 'uploads',
  visibility: 'private',
  ...over,
});
