import { randomUUID } from 'node:crypto';
import { createTestDatabase } from '@s3-image-app/testkit';
import { afterAll } from 'vitest';
import { type ClaimedImage, claimImage } from '../src/claims.ts';
import { connectDb, type Db, type DbConnection } from '../src/client.ts';
import { createImages, type NewImage } from '../src/create-images.ts';
import type { Image } from '../src/schema.ts';
import type { Rendered } from '../src/settle.ts';

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

export async function pendingImage(db: Db, over: Partial<NewImage> = {}): Promise<Image> {
  const [row] = await createImages(db, [newImage(over)]);
  if (!row) throw new Error('no row');
  return row;
}

export async function claimedImage(db: Db, over: Partial<NewImage> = {}): Promise<ClaimedImage> {
  const row = await claimImage(db, (await pendingImage(db, over)).id, 60);
  if (!row) throw new Error('not claimed');
  return row;
}

/** What a worker made of an image. */
export const rendered: Rendered = {
  s3Key: 'private/uploads/x.webp',
  width: 10,
  height: 20,
  sizeBytes: 30,
  variants: [{ s3Key: 'private/uploads/x-320w.webp', width: 320, height: 640, sizeBytes: 7 }],
  thumbhash: null,
  placeholder: null,
};
