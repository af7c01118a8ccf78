import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { photo } from '@s3-image-app/testkit';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { bearer, startApi, type TestApi, token } from './api.ts';
import { objectsOf, rowOf } from './images.ts';
import { fileOf, type Part, sendFiles } from './send-files.ts';
import { startWorker } from './worker.ts';

let api: TestApi;
let worker: { stop: () => Promise<void> };
let address: string;
// A folder for temporary files of its own: in the machine's other APIs may leave files for a while.
const temporary = mkdtempSync(join(tmpdir(), 'files-test-'));
beforeAll(async () => {
  vi.stubEnv('TMPDIR', temporary);
  api = await startApi({ MAX_MULTIPART_BYTES: '1000000' });
  worker = await startWorker(api);
  address = await api.app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(async () => {
  await worker.stop();
  await api.stop();
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true });
});

const jpeg = photo('portrait.jpg');

const send = (parts: Part[], headers?: Record<string, string>) =>
  sendFiles(address, 'upload', parts, headers);

/** What requests have left on disk. */
const leftovers = () => readdirSync(temporary).filter((name) => name.startsWith('upload-'));

describe('a file that comes through the API', () => {
  test('is answered as the finished image, as clients of the classic API expect', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'photo-'));
    writeFileSync(join(folder, 'me.jpg'), jpeg);
    try {
      const { stdout } = await promisify(execFile)('curl', [
        ...['-sS', '-w', '\n%{http_code}', '-H', `Authorization: Bearer ${token()}`],
        ...['-F', `image=@${join(folder, 'me.jpg')}`, '-F', 'folder=shop', '-F', 'alt=It is me'],
        ...['-F', 'entityType=user', '-F', 'entityId=7', '-F', 'visibility=private'],
        `${address}/api/images/upload`,
      ]);
      const [body = '', status] = stdout.split('\n');
      expect(status).toBe('201');
      const { success, image, upload } = JSON.parse(body);
      expect(success).toBe(true);
      expect(upload).toBeUndefined();
      expect(image).toMatchObject({
        status: 'ready',
        s3Key: `private/shop/${image.id}.webp`,
        alt: 'It is me',
        entityType: 'user',
        entityId: '7',
        width: expect.any(Number),
        height: expect.any(Number),
        sizeBytes: expect.any(Number),
        createdAt: expect.any(String),
      });
      const fetched = await fetch(image.url);
      expect(fetched.headers.get('content-type')).toBe('image/webp');
      expect((await fetched.arrayBuffer()).byteLength).toBe(image.sizeBytes);
      expect(await rowOf(api, image.id)).toMatchObject({ filename: 'me.jpg', declaredSize: jpeg.length });
      await vi.waitFor(async () =>
        expect(await objectsOf(api, image.id)).not.toContain(`quarantine/${image.id}`),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('that is no image is refused with the reason, and nothing of it stays', async () => {
    const { status, headers, body } = await send([['image', fileOf('hello, I am text')]]);
    expect(status).toBe(422);
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(body).toMatchObject({
      code: 'image_rejected',
      success: false,
      rejection: { code: 'not_an_image', detail: body.detail },
    });
    expect((await rowOf(api, body.imageId))?.status).toBe('rejected');
    await vi.waitFor(async () => expect(await objectsOf(api, body.imageId)).toEqual([]));
  });

  test('without a type of its own is known by its name', async () => {
    const { status, body } = await send([
      ['image', fileOf(photo('transparent.png'), 'application/octet-stream'), 'x.PNG'],
    ]);
    expect(status).toBe(201);
    expect((await rowOf(api, body.image.id))?.contentType).toBe('image/png');
  });

  test('of type image/jpg is a JPEG', async () => {
    const { status, body } = await send([['image', fileOf(jpeg, 'image/jpg'), 'photo']]);
    expect(status).toBe(201);
    expect((await rowOf(api, body.image.id))?.contentType).toBe('image/jpeg');
  });

  test('sent again under its key is the same image; another file under that key is refused', async () => {
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const first = await send([['image', fileOf(jpeg)]], headers);
    const again = await send([['image', fileOf(jpeg)]], headers);
    expect(first.status).toBe(201);
    expect(again.status).toBe(201);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body).toEqual(first.body);
    const other = await send([['image', fileOf(photo('text.jpg'))]], headers);
    expect(other.body).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
  });

  test.each<[string, Part[], number, string]>([
    ['no file', [['alt', 'x']], 400, '#/image'],
    ['text in place of the file', [['image', 'x']], 400, '#/image'],
    [
      'two files',
      [
        ['image', fileOf(jpeg)],
        ['image', fileOf(jpeg)],
      ],
      400,
      '#/image',
    ],
    ['the file in another field', [['photo', fileOf(jpeg)]], 400, '#/photo'],
    [
      'an unknown field',
      [
        ['image', fileOf(jpeg)],
        ['owner', 'bob'],
      ],
      400,
      '#/owner',
    ],
    [
      'a field twice',
      [
        ['image', fileOf(jpeg)],
        ['alt', 'a'],
        ['alt', 'b'],
      ],
      400,
      '#/alt',
    ],
    [
      'a folder that climbs',
      [
        ['image', fileOf(jpeg)],
        ['folder', '../x'],
      ],
      400,
      '#/folder',
    ],
    [
      'half an entity',
      [
        ['image', fileOf(jpeg)],
        ['entityId', '1'],
      ],
      400,
      '#/entityType',
    ],
    ['an empty file', [['image', fileOf('')]], 400, '#/image'],
    ['a type that is not taken', [['image', fileOf('<svg/>', 'image/svg+xml')]], 400, '#/image'],
    ['no type at all', [['image', fileOf(jpeg, 'application/octet-stream'), 'photo']], 400, '#/image'],
    ['one byte too many', [['image', fileOf(new Uint8Array(1_000_001))]], 413, ''],
    ['far too many', [['image', fileOf(new Uint8Array(10_000_000))]], 413, ''],
  ])('with %s is refused', async (_name, parts, status, pointer) => {
    const answer = await send(parts);
    expect(answer.body).toMatchObject({ status, success: false });
    expect(answer.status).toBe(status);
    if (pointer)
      expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
  });

  test.each(['multipart/form-data', 'multipart/form-data; boundary=x'])(
    'in a broken form of type %s is refused',
    async (contentType) => {
      for (const payload of [
        '',
        'hello',
        '--x\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\nabc',
      ]) {
        const response = await api.app.inject({
          method: 'POST',
          url: '/api/images/upload',
          headers: { ...bearer(), 'content-type': contentType },
          payload,
        });
        expect(response.statusCode).toBe(400);
        expect(response.json().success).toBe(false);
      }
    },
  );

  test('leaves nothing on disk, however the request ended', async () => {
    const outgoing = request(`${address}/api/images/upload`, {
      method: 'POST',
      headers: { ...bearer(), 'content-type': 'multipart/form-data; boundary=x', 'content-length': '500000' },
    });
    outgoing.on('error', () => {});
    outgoing.write('--x\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n');
    outgoing.write(jpeg.subarray(0, 50_000));
    await vi.waitFor(() => expect(leftovers().length).toBeGreaterThan(0));
    outgoing.destroy();
    await vi.waitFor(() => expect(leftovers()).toEqual([]));
  });
});
