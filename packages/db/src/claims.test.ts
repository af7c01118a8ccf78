import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { claimedImage, openTestDatabase, pendingImage, rendered } from '../test/database.ts';
import { type ClaimedImage, claimImage, releaseClaim, renewClaim, unclaimImage } from './claims.ts';
import { expireImage } from './forms.ts';
import { getImage } from './queries.ts';
import { settleFailed, settleReady, settleRejected } from './settle.ts';

const { db } = await openTestDatabase();

describe('claiming', () => {
  it('gives one of many workers the image', async () => {
    const { id } = await pendingImage(db);
    const claims = await Promise.all(Array.from({ length: 8 }, () => claimImage(db, id, 60)));
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect((await getImage(db, id))?.status).toBe('processing');
  });

  it('gives nothing for an unknown id, and for an image that is ready', async () => {
    expect(await claimImage(db, randomUUID(), 60)).toBeUndefined();
    const claim = await claimedImage(db);
    await settleReady(db, claim, rendered);
    expect(await claimImage(db, claim.id, 60)).toBeUndefined();
  });

  it('passes a lapsed claim on, and the worker that lost it changes nothing any more', async () => {
    const { id } = await pendingImage(db);
    const stale = await claimImage(db, id, 0);
    const fresh = await claimImage(db, id, 60);
    if (!stale || !fresh) throw new Error('not claimed');
    expect(fresh.attempts).toBe(2);
    expect(await renewClaim(db, stale, 60)).toBe(false);
    expect(await settleReady(db, stale, rendered)).toBeUndefined();
    expect(await settleRejected(db, stale, { code: 'corrupt', detail: 'x' })).toBeUndefined();
    expect(await settleFailed(db, stale)).toBeUndefined();
    expect(await settleReady(db, fresh, rendered)).toMatchObject({ status: 'ready' });
  });

  it('is renewed by its holder, and given back at once when released', async () => {
    const claim = await claimedImage(db);
    expect(await renewClaim(db, claim, 600)).toBe(true);
    expect(await claimImage(db, claim.id, 60)).toBeUndefined();
    await releaseClaim(db, claim);
    expect(await claimImage(db, claim.id, 60)).toMatchObject({ attempts: 2 });
  });

  it('undone for want of an original, leaves the image as it was, for as long as the claim is ours', async () => {
    const claim = await claimedImage(db);
    expect(await unclaimImage(db, claim)).toBe(true);
    expect(await getImage(db, claim.id)).toMatchObject({ status: 'pending', claimToken: null, attempts: 0 });
    expect(await unclaimImage(db, claim)).toBe(false);
  });

  it('takes an image from no other status than those that are asked for, nor a claim that has not lapsed', async () => {
    const { id } = await pendingImage(db);
    expect(await claimImage(db, id, 60, { from: ['processing', 'failed'] })).toBeUndefined();
    const claim = await claimImage(db, id, 60, { from: ['pending'] });
    expect(await claimImage(db, id, 60, { from: ['processing'] })).toBeUndefined();
    await releaseClaim(db, claim as ClaimedImage);
    expect(await claimImage(db, id, 60, { from: ['pending', 'expired'] })).toBeUndefined();
    expect(await claimImage(db, id, 60, { from: ['processing'] })).toMatchObject({ attempts: 2 });
  });

  it('keeps the widths of all variants that its workers may have put', async () => {
    const { id, renditionWidths } = await pendingImage(db);
    expect(renditionWidths).toBeNull();
    await claimImage(db, id, 0, { renditionWidths: [320, 640] });
    const claim = await claimImage(db, id, 60, { renditionWidths: [640, 1280] });
    expect(claim?.renditionWidths?.toSorted((a, b) => a - b)).toEqual([320, 640, 1280]);
    expect(await claimedImage(db)).toMatchObject({ renditionWidths: [] });
  });

  it('takes an expired image whose object came after all', async () => {
    const { id } = await pendingImage(db, { formExpiresAt: new Date(Date.now() - 60_000) });
    expect(await expireImage(db, id, 0)).toMatchObject({ status: 'expired' });
    expect(await claimImage(db, id, 60)).toMatchObject({ status: 'processing' });
  });
});
