import { describe, expect, it } from 'vitest';
import { claimedImage, openTestDatabase, rendered } from '../test/database.ts';
import { claimImage } from './claims.ts';
import { settleFailed, settleReady, settleRejected } from './settle.ts';

const { db } = await openTestDatabase();

describe('settling', () => {
  it('makes an image ready with all that the worker found', async () => {
    const row = await settleReady(db, await claimedImage(db), rendered);
    expect(row).toMatchObject({ ...rendered, status: 'ready', claimToken: null, readyAt: expect.any(Date) });
  });

  it('rejects with a code, for ever', async () => {
    const claim = await claimedImage(db);
    const row = await settleRejected(db, claim, { code: 'not_an_image', detail: 'It is text.' });
    expect(row).toMatchObject({
      status: 'rejected',
      rejectionCode: 'not_an_image',
      rejectionDetail: 'It is text.',
    });
    expect(await claimImage(db, claim.id, 60)).toBeUndefined();
  });

  it('lets a failed image be tried anew, counting from one', async () => {
    const claim = await claimedImage(db);
    expect(await settleFailed(db, claim)).toMatchObject({ status: 'failed' });
    expect(await claimImage(db, claim.id, 60)).toMatchObject({ status: 'processing', attempts: 1 });
  });
});
