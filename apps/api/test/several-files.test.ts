import { photo } from '@s3-image-app/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi, type TestApi } from './api.ts';
import { fileOf, type Part, sendFiles } from './send-files.ts';
import { startWorker } from './worker.ts';

let api: TestApi;
let worker: { stop: () => Promise<void> };
let address: string;
beforeAll(async () => {
  api = await startApi({ MAX_MULTIPART_BYTES: '1000000' });
  worker = await startWorker(api);
  address = await api.app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(async () => {
  await worker.stop();
  await api.stop();
});

const jpeg = photo('portrait.jpg');

describe('several files that come through the API', () => {
  test('are answered in their order, each with what became of it', async () => {
    const { status, body } = await sendFiles(address, 'upload-many', [
      ['images[]', fileOf(jpeg)],
      ['images[]', fileOf('no image')],
      ['images[]', fileOf(photo('transparent.png'), 'image/png')],
      ['folder', 'album'],
    ]);
    expect(status).toBe(201);
    expect(body.images.map(({ image }: { image: { status: string } }) => image.status)).toEqual([
      'ready',
      'rejected',
      'ready',
    ]);
    expect(body.images[2].image).toMatchObject({ folder: 'album', url: expect.any(String) });
    expect(body.images[1].image.rejection.code).toBe('not_an_image');
  });

  test('are refused when none is an image, more than ten, or one is of no possible type', async () => {
    const rejected = await sendFiles(address, 'upload-many', [
      ['images', fileOf('x')],
      ['images', fileOf('y')],
    ]);
    expect(rejected.body).toMatchObject({ status: 422, code: 'image_rejected' });
    for (const [path, field, count, allowed] of [
      ['upload-many', 'images[]', 11, '1 to 10 files'],
      ['upload-many', 'images', 20, '1 to 10 files'],
      ['upload', 'image', 2, 'one file'],
      ['upload', 'image', 5, 'one file'],
    ] as const) {
      const many = await sendFiles(
        address,
        path,
        Array.from({ length: count }, (): Part => [field, fileOf(jpeg)]),
      );
      const name = field.replace('[]', '');
      const detail = `${name} must be ${allowed}, and there are more`;
      expect(many.body).toMatchObject({ status: 400, errors: [{ pointer: `#/${name}`, detail }] });
    }
    const one = await sendFiles(address, 'upload-many', [
      ['images[]', fileOf(jpeg)],
      ['images[]', fileOf('x', 'text/html')],
    ]);
    expect(one.body).toMatchObject({ status: 400, errors: [{ pointer: '#/images/1' }] });
  });
});
