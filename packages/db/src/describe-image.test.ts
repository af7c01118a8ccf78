import { describe, expect, it } from 'vitest';
import { claimedImage, openTestDatabase, pendingImage } from '../test/database.ts';
import { markDeleting } from './delete-image.ts';
import { describeImage } from './describe-image.ts';

const { db } = await openTestDatabase();

describe('a description', () => {
  it('changes what is given and nothing else, in any status', async () => {
    const image = await claimedImage(db, { alt: 'before', entityType: 'post', entityId: '1' });
    const changed = await describeImage(db, image.id, { alt: 'after' });
    expect(changed).toEqual({ ...image, alt: 'after', updatedAt: expect.any(Date) });
    expect(await describeImage(db, image.id, { entityType: null, entityId: null })).toMatchObject({
      alt: 'after',
      entityType: null,
    });
  });

  it('changes nothing once somebody else has changed it, even within a millisecond', async () => {
    const { id, updatedAt } = await pendingImage(db);
    const changes = ['a', 'b', 'c', 'd'].map((alt) => describeImage(db, id, { alt }, updatedAt));
    expect((await Promise.all(changes)).filter(Boolean)).toHaveLength(1);
  });

  it('is not for an image that is being deleted', async () => {
    const { id } = await pendingImage(db);
    await markDeleting(db, id);
    expect(await describeImage(db, id, { alt: 'x' })).toBeUndefined();
  });
});
