import { describe, expect, it } from 'vitest';
import { claimedImage, openTestDatabase, pendingImage, rendered } from '../test/database.ts';
import { claimImage, renewClaim } from './claims.ts';
import { markDeleting, removeImage } from './delete-image.ts';
import { getImage } from './queries.ts';
import { settleReady } from './settle.ts';

const { db } = await openTestDatabase();

describe('deleting', () => {
  it('takes the image from the worker that holds it, and remembers until when that one may still write', async () => {
    const claim = await claimedImage(db);
    expect(await markDeleting(db, claim.id)).toMatchObject({
      status: 'deleting',
      claimExpiresAt: claim.claimExpiresAt,
    });
    expect(await settleReady(db, claim, rendered)).toBeUndefined();
    expect(await renewClaim(db, claim, 60)).toBe(false);
    expect(await claimImage(db, claim.id, 60)).toBeUndefined();
  });

  it('removes the row once, and only after it was marked', async () => {
    const { id } = await pendingImage(db);
    expect(await removeImage(db, id)).toBe(false);
    await markDeleting(db, id);
    const removals = await Promise.all([removeImage(db, id), removeImage(db, id)]);
    expect(removals.filter(Boolean)).toHaveLength(1);
    expect(await getImage(db, id)).toBeUndefined();
    expect(await markDeleting(db, id)).toBeUndefined();
  });
});
