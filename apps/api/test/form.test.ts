import { claimImage, expireImage, markDeleting } from '@s3-image-app/db';
import { photo } from '@s3-image-app/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bearer, startApi, type TestApi } from './api.ts';
import { issue, makeReady, post, rowOf } from './images.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ MAX_PENDING_PER_OWNER: '2', MAX_UPLOAD_BYTES: '1000000' });
});
afterAll(() => api.stop());

const renew = (id: string, sub: string) =>
  api.app.inject({ method: 'POST', url: `/api/images/${id}/form`, headers: bearer({ sub }) });

describe('a fresh form', () => {
  const jpeg = photo('portrait.jpg');

  test('is for the same image, key and terms', async () => {
    const sub = crypto.randomUUID();
    const { image, upload } = await issue(api, { size: jpeg.length, alt: 'x' }, sub);

    const response = await renew(image.id, sub);

    expect(response.statusCode).toBe(200);
    expect(response.headers['retry-after']).toBe('1');
    const fresh = response.json();
    expect(fresh.image).toMatchObject({ id: image.id, status: 'pending', alt: 'x' });
    expect(fresh.image.expiresAt).toBe(fresh.upload.expiresAt);
    expect(fresh.upload.fields.key).toBe(upload.fields.key);
    expect((await post(fresh.upload, new Blob(['too short']))).status).toBe(400);
    expect((await post(fresh.upload, new Blob([new Uint8Array(jpeg)]))).status).toBe(201);
  });

  test('brings an expired image back, within the limit of unused forms', async () => {
    const sub = crypto.randomUUID();
    const { image } = await issue(api, {}, sub);
    await expireImage(api.db.db, image.id, -600);
    expect((await rowOf(api, image.id))?.status).toBe('expired');

    const others = [await issue(api, {}, sub), await issue(api, {}, sub)];
    const refused = await renew(image.id, sub);
    expect(refused.statusCode).toBe(429);
    expect(refused.json().code).toBe('too_many_pending');
    expect(refused.headers['retry-after']).toBeDefined();

    await markDeleting(api.db.db, others[0].image.id);
    expect((await renew(image.id, sub)).json().image.status).toBe('pending');
  });

  test('is refused once the file has come', async () => {
    const sub = crypto.randomUUID();
    const { image } = await issue(api, {}, sub);
    await claimImage(api.db.db, image.id, -1);
    expect((await renew(image.id, sub)).json()).toMatchObject({ status: 409, code: 'form_not_needed' });
    await makeReady(api, image.id);
    expect((await renew(image.id, sub)).json()).toMatchObject({ status: 409, code: 'form_not_needed' });
  });

  test("is nobody else's to have", async () => {
    const { image } = await issue(api, {}, crypto.randomUUID());
    expect((await renew(image.id, 'bob')).statusCode).toBe(404);
  });
});
