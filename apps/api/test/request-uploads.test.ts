import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi, type TestApi } from './api.ts';
import { requestForm } from './image-requests.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ MAX_UPLOAD_BYTES: '1000000', MAX_PENDING_PER_OWNER: '12' });
});
afterAll(() => api.stop());

describe('a request for several forms', () => {
  test('answers them in the order asked', async () => {
    const response = await requestForm(
      api,
      { images: ['a', 'b', 'c'].map((alt) => ({ contentType: 'image/png', alt })) },
      { path: 'upload-many' },
    );

    expect(response.statusCode).toBe(201);
    const { success, images } = response.json();
    expect(success).toBe(true);
    expect(images.map(({ image }: { image: { alt: string } }) => image.alt)).toEqual(['a', 'b', 'c']);
    for (const { image, upload } of images) expect(upload.fields.key).toBe(`quarantine/${image.id}`);
  });

  test('is refused whole if one of them is, and writes nothing', async () => {
    const response = await requestForm(
      api,
      { images: [{ contentType: 'image/png' }, { contentType: 'image/png', size: 0 }] },
      { path: 'upload-many', sub: 'careless' },
    );

    expect(response.statusCode).toBe(400);
    expect(response.json().errors).toEqual([
      { pointer: '#/images/1/size', detail: 'images.1.size must be a whole number from 1 to 1000000' },
    ]);
    const full = { images: Array(10).fill({ contentType: 'image/png' }) };
    // All twelve that this caller may hold are still to be had.
    expect((await requestForm(api, full, { path: 'upload-many', sub: 'careless' })).statusCode).toBe(201);
  });

  test.each([
    ['none', []],
    ['more than ten', Array(11).fill({ contentType: 'image/png' })],
  ])('of %s is refused', async (_name, images) => {
    const response = await requestForm(api, { images }, { path: 'upload-many' });
    expect(response.statusCode).toBe(400);
    expect(response.json().errors[0].pointer).toBe('#/images');
  });
});
