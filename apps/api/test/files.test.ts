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
const file = (bytes: Uint8Array | string, type = 'image/jpeg') => new Blob([bytes as BlobPart], { type });

type Part = [name: string, value: string | Blob, filename?: string];

async function send(
  path: string,
  parts: Part[],
  { headers = {}, to = address }: { headers?: Record<string, string>; to?: string } = {},
) {
  const body = new FormData();
  for (const [name, value, filename] of parts) {
    if (typeof value === 'string') body.append(name, value);
    else body.append(name, value, filename ?? 'photo.jpg');
  }
  const response = await fetch(`${to}/api/images/${path}`, {
    method: 'POST',
    headers: { ...bearer(), ...headers },
    body,
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

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
    const { status, headers, body } = await send('upload', [['image', file('hello, I am text')]]);
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
    const { status, body } = await send('upload', [
      ['image', file(photo('transparent.png'), 'application/octet-stream'), 'x.PNG'],
    ]);
    expect(status).toBe(201);
    expect((await rowOf(api, body.image.id))?.contentType).toBe('image/png');
  });

  test('of type image/jpg is a JPEG', async () => {
    const { status, body } = await send('upload', [['image', file(jpeg, 'image/jpg'), 'photo']]);
    expect(status).toBe(201);
    expect((await rowOf(api, body.image.id))?.contentType).toBe('image/jpeg');
  });

  test('sent again under its key is the same image; another file under that key is refused', async () => {
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const first = await send('upload', [['image', file(jpeg)]], { headers });
    const again = await send('upload', [['image', file(jpeg)]], { headers });
    expect(first.status).toBe(201);
    expect(again.status).toBe(201);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body).toEqual(first.body);
    const other = await send('upload', [['image', file(photo('text.jpg'))]], { headers });
    expect(other.body).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
  });

  test.each<[string, Part[], number, string]>([
    ['no file', [['alt', 'x']], 400, '#/image'],
    ['text in place of the file', [['image', 'x']], 400, '#/image'],
    [
      'two files',
      [
        ['image', file(jpeg)],
        ['image', file(jpeg)],
      ],
      400,
      '#/image',
    ],
    ['the file in another field', [['photo', file(jpeg)]], 400, '#/photo'],
    [
      'an unknown field',
      [
        ['image', file(jpeg)],
        ['owner', 'bob'],
      ],
      400,
      '#/owner',
    ],
    [
      'a field twice',
      [
        ['image', file(jpeg)],
        ['alt', 'a'],
        ['alt', 'b'],
      ],
      400,
      '#/alt',
    ],
    [
      'a folder that climbs',
      [
        ['image', file(jpeg)],
        ['folder', '../x'],
      ],
      400,
      '#/folder',
    ],
    [
      'half an entity',
      [
        ['image', file(jpeg)],
        ['entityId', '1'],
      ],
      400,
      '#/entityType',
    ],
    ['an empty file', [['image', file('')]], 400, '#/image'],
    ['a type that is not taken', [['image', file('<svg/>', 'image/svg+xml')]], 400, '#/image'],
    ['no type at all', [['image', file(jpeg, 'application/octet-stream'), 'photo']], 400, '#/image'],
    ['one byte too many', [['image', file(new Uint8Array(1_000_001))]], 413, ''],
    ['far too many', [['image', file(new Uint8Array(10_000_000))]], 413, ''],
  ])('with %s is refused', async (_name, parts, status, pointer) => {
    const answer = await send('upload', parts);
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

  test('with more fields than a form may have is refused', async () => {
    const { body } = await send(
      'upload',
      Array.from({ length: 21 }, (_, at): Part => [`f${at}`, 'x']),
    );
    expect(body).toMatchObject({ status: 413, detail: 'A form may have 20 fields beside its files.' });
  });

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

describe('what a part of a form is called', () => {
  const form = (disposition: string) =>
    api.app.inject({
      method: 'POST',
      url: '/api/images/upload',
      headers: { ...bearer(), 'content-type': 'multipart/form-data; boundary=x' },
      payload: `--x\r\nContent-Disposition: form-data${disposition}\r\n\r\nhello\r\n--x--\r\n`,
    });

  test('must be told', async () => {
    expect((await form('; filename="a.jpg"')).json()).toMatchObject({
      status: 400,
      code: 'bad_request',
      detail: 'A part of the form has no name.',
    });
  });

  test.each(['__proto__[]', 'constructor[]'])(
    'may be no field that there is not, such as %s',
    async (name) => {
      const { errors } = (await form(`; name="${name}"`)).json();
      expect(errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual([
        `#/${name.slice(0, -2)}`,
        '#/image',
      ]);
    },
  );
});

describe('several files that come through the API', () => {
  test('are answered in their order, each with what became of it', async () => {
    const { status, body } = await send('upload-many', [
      ['images[]', file(jpeg)],
      ['images[]', file('no image')],
      ['images[]', file(photo('transparent.png'), 'image/png')],
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
    const rejected = await send('upload-many', [
      ['images', file('x')],
      ['images', file('y')],
    ]);
    expect(rejected.body).toMatchObject({ status: 422, code: 'image_rejected' });
    for (const [path, field, count, allowed] of [
      ['upload-many', 'images[]', 11, '1 to 10 files'],
      ['upload-many', 'images', 20, '1 to 10 files'],
      ['upload', 'image', 2, 'one file'],
      ['upload', 'image', 5, 'one file'],
    ] as const) {
      const many = await send(
        path,
        Array.from({ length: count }, (): Part => [field, file(jpeg)]),
      );
      const name = field.replace('[]', '');
      const detail = `${name} must be ${allowed}, and there are more`;
      expect(many.body).toMatchObject({ status: 400, errors: [{ pointer: `#/${name}`, detail }] });
    }
    const one = await send('upload-many', [
      ['images[]', file(jpeg)],
      ['images[]', file('x', 'text/html')],
    ]);
    expect(one.body).toMatchObject({ status: 400, errors: [{ pointer: '#/images/1' }] });
  });
});

test('without a worker the answer comes after the wait that the caller prefers, with 202', async () => {
  const idle = await startApi();
  const to = await idle.app.listen({ port: 0, host: '127.0.0.1' });
  try {
    const { status, headers, body } = await send('upload', [['image', file(jpeg)]], {
      headers: { prefer: 'wait=1' },
      to,
    });
    expect(status).toBe(202);
    expect(headers.get('retry-after')).toBe('1');
    expect(headers.get('preference-applied')).toBe('wait=1');
    expect(headers.get('location')).toBe(`/api/images/${body.image.id}`);
    expect(body).toMatchObject({ success: true, image: { status: 'pending', url: null } });
    expect(await objectsOf(idle, body.image.id)).toEqual([`quarantine/${body.image.id}`]);
  } finally {
    await idle.stop();
  }
});

test('without S3 the answer is 503 within two seconds, and the sweeper finds what is left', async () => {
  const lonely = await startApi({ S3_ENDPOINT: 'http://127.0.0.1:9' });
  const to = await lonely.app.listen({ port: 0, host: '127.0.0.1' });
  try {
    const start = performance.now();
    const { status, headers, body } = await send('upload', [['image', file(jpeg)]], { to });
    expect(performance.now() - start).toBeLessThan(2_000);
    expect(status).toBe(503);
    expect(body.code).toBe('storage_unavailable');
    expect(headers.get('retry-after')).toBe('5');
    const listed = await lonely.app.inject({ url: '/api/images', headers: bearer() });
    expect(listed.json().images).toEqual([]);
  } finally {
    await lonely.stop();
  }
});
