import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { newImage, openTestDatabase } from '../test/database.ts';
import { createImages, type NewImage } from './create-images.ts';
import {
  type ClaimedImage,
  claimImage,
  describeImage,
  expireImage,
  markDeleting,
  type Rendered,
  releaseClaim,
  removeImage,
  renewClaim,
  renewForm,
  settleFailed,
  settleReady,
  settleRejected,
  unclaimImage,
} from './images.ts';
import { getImage } from './queries.ts';
import type { Image } from './schema.ts';

const { db } = await openTestDatabase();

const pending = async (over: Partial<NewImage> = {}): Promise<Image> => {
  const [row] = await createImages(db, [newImage(over)]);
  if (!row) throw new Error('no row');
  return row;
};

const claimed = async (over: Partial<NewImage> = {}) => {
  const row = await claimImage(db, (await pending(over)).id, 60);
  if (!row) throw new Error('not claimed');
  return row;
};

const rendered: Rendered = {
  s3Key: 'private/uploads/x.webp',
  width: 10,
  height: 20,
  sizeBytes: 30,
  variants: [{ s3Key: 'private/uploads/x-320w.webp', width: 320, height: 640, sizeBytes: 7 }],
  thumbhash: null,
  placeholder: null,
};

describe('creating', () => {
  it('starts pending, with a time for everything that has one', async () => {
    const row = await pending({ alt: 'A cat', entityType: 'post', entityId: '7' });
    expect(row).toMatchObject({
      status: 'pending',
      ownerId: 'alice',
      alt: 'A cat',
      entityType: 'post',
      attempts: 0,
    });
    expect(Math.abs(row.createdAt.getTime() - Date.now())).toBeLessThan(60_000);
  });

  it('creates all or none', async () => {
    const good = newImage();
    await expect(createImages(db, [good, newImage({ maxBytes: 0 })])).rejects.toThrow();
    expect(await getImage(db, good.id)).toBeUndefined();
  });

  it.each([
    ['half an entity', { entityType: 'post' }],
    ['a size above what the form allows', { declaredSize: 5_000_000_001 }],
    ['an empty file', { declaredSize: 0 }],
    ['an unknown visibility', { visibility: 'secret' as never }],
  ])('refuses %s', async (_what, over) => {
    await expect(createImages(db, [newImage(over)])).rejects.toThrow();
  });
});

describe('claiming', () => {
  it('gives one of many workers the image', async () => {
    const { id } = await pending();
    const claims = await Promise.all(Array.from({ length: 8 }, () => claimImage(db, id, 60)));
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect((await getImage(db, id))?.status).toBe('processing');
  });

  it('gives nothing for an unknown id, and for an image that is ready', async () => {
    expect(await claimImage(db, randomUUID(), 60)).toBeUndefined();
    const claim = await claimed();
    await settleReady(db, claim, rendered);
    expect(await claimImage(db, claim.id, 60)).toBeUndefined();
  });

  it('passes a lapsed claim on, and the worker that lost it changes nothing any more', async () => {
    const { id } = await pending();
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
    const claim = await claimed();
    expect(await renewClaim(db, claim, 600)).toBe(true);
    expect(await claimImage(db, claim.id, 60)).toBeUndefined();
    await releaseClaim(db, claim);
    expect(await claimImage(db, claim.id, 60)).toMatchObject({ attempts: 2 });
  });

  it('undone for want of an original, leaves the image as it was, for as long as the claim is ours', async () => {
    const claim = await claimed();
    expect(await unclaimImage(db, claim)).toBe(true);
    expect(await getImage(db, claim.id)).toMatchObject({ status: 'pending', claimToken: null, attempts: 0 });
    expect(await unclaimImage(db, claim)).toBe(false);
  });

  it('takes an image from no other status than those that are asked for, nor a claim that has not lapsed', async () => {
    const { id } = await pending();
    expect(await claimImage(db, id, 60, { from: ['processing', 'failed'] })).toBeUndefined();
    const claim = await claimImage(db, id, 60, { from: ['pending'] });
    expect(await claimImage(db, id, 60, { from: ['processing'] })).toBeUndefined();
    await releaseClaim(db, claim as ClaimedImage);
    expect(await claimImage(db, id, 60, { from: ['pending', 'expired'] })).toBeUndefined();
    expect(await claimImage(db, id, 60, { from: ['processing'] })).toMatchObject({ attempts: 2 });
  });

  it('keeps the widths of all variants that its workers may have put', async () => {
    const { id, renditionWidths } = await pending();
    expect(renditionWidths).toBeNull();
    await claimImage(db, id, 0, { renditionWidths: [320, 640] });
    const claim = await claimImage(db, id, 60, { renditionWidths: [640, 1280] });
    expect(claim?.renditionWidths?.toSorted((a, b) => a - b)).toEqual([320, 640, 1280]);
    expect(await claimed()).toMatchObject({ renditionWidths: [] });
  });

  it('takes an expired image whose object came after all', async () => {
    const { id } = await pending({ formExpiresAt: new Date(Date.now() - 60_000) });
    expect(await expireImage(db, id, 0)).toMatchObject({ status: 'expired' });
    expect(await claimImage(db, id, 60)).toMatchObject({ status: 'processing' });
  });
});

describe('settling', () => {
  it('makes an image ready with all that the worker found', async () => {
    const row = await settleReady(db, await claimed(), rendered);
    expect(row).toMatchObject({ ...rendered, status: 'ready', claimToken: null, readyAt: expect.any(Date) });
  });

  it('rejects with a code, for ever', async () => {
    const claim = await claimed();
    const row = await settleRejected(db, claim, { code: 'not_an_image', detail: 'It is text.' });
    expect(row).toMatchObject({
      status: 'rejected',
      rejectionCode: 'not_an_image',
      rejectionDetail: 'It is text.',
    });
    expect(await claimImage(db, claim.id, 60)).toBeUndefined();
  });

  it('lets a failed image be tried anew, counting from one', async () => {
    const claim = await claimed();
    expect(await settleFailed(db, claim)).toMatchObject({ status: 'failed' });
    expect(await claimImage(db, claim.id, 60)).toMatchObject({ status: 'processing', attempts: 1 });
  });
});

describe('expiring', () => {
  it('spares a form that is still good, or within its grace', async () => {
    const good = await pending();
    const recent = await pending({ formExpiresAt: new Date(Date.now() - 10_000) });
    expect(await expireImage(db, good.id, 0)).toBeUndefined();
    expect(await expireImage(db, recent.id, 60)).toBeUndefined();
    expect(await expireImage(db, recent.id, 0)).toMatchObject({ status: 'expired' });
  });

  it('spares an image that a worker holds', async () => {
    const claim = await claimed({ formExpiresAt: new Date(Date.now() - 60_000) });
    expect(await expireImage(db, claim.id, 0)).toBeUndefined();
  });
});

describe('deleting', () => {
  it('takes the image from the worker that holds it, and remembers until when that one may still write', async () => {
    const claim = await claimed();
    expect(await markDeleting(db, claim.id)).toMatchObject({
      status: 'deleting',
      claimExpiresAt: claim.claimExpiresAt,
    });
    expect(await settleReady(db, claim, rendered)).toBeUndefined();
    expect(await renewClaim(db, claim, 60)).toBe(false);
    expect(await claimImage(db, claim.id, 60)).toBeUndefined();
  });

  it('removes the row once, and only after it was marked', async () => {
    const { id } = await pending();
    expect(await removeImage(db, id)).toBe(false);
    await markDeleting(db, id);
    const removals = await Promise.all([removeImage(db, id), removeImage(db, id)]);
    expect(removals.filter(Boolean)).toHaveLength(1);
    expect(await getImage(db, id)).toBeUndefined();
    expect(await markDeleting(db, id)).toBeUndefined();
  });
});

describe('a fresh form', () => {
  const formExpiresAt = new Date('2030-01-02T03:04:05.000Z');
  const expired = async (over: Partial<NewImage> = {}) => {
    const { id } = await pending({ ...over, formExpiresAt: new Date(Date.now() - 60_000) });
    await expireImage(db, id, 0);
    return id;
  };

  it('makes a pending image wait longer, and an expired one pending', async () => {
    for (const id of [(await pending()).id, await expired()]) {
      const row = await renewForm(db, id, { formExpiresAt, maxPending: 1000 });
      expect(row).toMatchObject({ id, status: 'pending', formExpiresAt });
    }
  });

  it('is not for an image whose file has come, nor for none', async () => {
    const { id } = await claimed();
    expect(await renewForm(db, id, { formExpiresAt, maxPending: 1000 })).toBeUndefined();
    expect(await renewForm(db, randomUUID(), { formExpiresAt, maxPending: 1000 })).toBeUndefined();
  });

  it('takes a place among the unused forms that an owner may hold, unless it has one', async () => {
    const ownerId = randomUUID();
    const held = await pending({ ownerId });
    const id = await expired({ ownerId });
    expect(await renewForm(db, id, { formExpiresAt, maxPending: 1 })).toBeUndefined();
    expect(await renewForm(db, held.id, { formExpiresAt, maxPending: 1 })).toMatchObject({ id: held.id });
    expect(await renewForm(db, id, { formExpiresAt, maxPending: 2 })).toMatchObject({ id });
  });
});

describe('a description', () => {
  it('changes what is given and nothing else, in any status', async () => {
    const image = await claimed({ alt: 'before', entityType: 'post', entityId: '1' });
    const changed = await describeImage(db, image.id, { alt: 'after' });
    expect(changed).toEqual({ ...image, alt: 'after', updatedAt: expect.any(Date) });
    expect(await describeImage(db, image.id, { entityType: null, entityId: null })).toMatchObject({
      alt: 'after',
      entityType: null,
    });
  });

  it('changes nothing once somebody else has changed it, even within a millisecond', async () => {
    const { id, updatedAt } = await pending();
    const changes = ['a', 'b', 'c', 'd'].map((alt) => describeImage(db, id, { alt }, updatedAt));
    expect((await Promise.all(changes)).filter(Boolean)).toHaveLength(1);
  });

  it('is not for an image that is being deleted', async () => {
    const { id } = await pending();
    await markDeleting(db, id);
    expect(await describeImage(db, id, { alt: 'x' })).toBeUndefined();
  });
});
