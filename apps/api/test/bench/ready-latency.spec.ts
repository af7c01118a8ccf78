/**
 * How long a client waits for its photo of 12 megapixels, one at a time, and what for; beside it what sharp alone takes
 * to make the same renditions. Run by `pnpm --filter @s3-image-app/api bench:ready-latency`.
 */
import { photo } from '@s3-image-app/testkit';
import sharp from 'sharp';
import { expect, onTestFinished, test } from 'vitest';
import { bearer } from '../api.ts';
import { post } from '../images.ts';
import { startWorker } from '../worker.ts';
import { startApiProcess } from './api-process.ts';

const PHOTOS = 40;
const WARM_UP = 4;

/** The worker's defaults. */
const OUTPUT = { maxSide: 2048, widths: [320, 640, 1280], webp: { quality: 80, effort: 2 } };

const phonePhoto = (): Promise<Buffer> =>
  sharp(photo('landscape-orientation-6.jpg'))
    .autoOrient()
    .resize(4032, 3024, { fit: 'fill' })
    .jpeg({ quality: 90 })
    .toBuffer();

/** Milliseconds that the renditions take at least. */
async function bareTransform(original: Buffer): Promise<number> {
  const started = performance.now();
  const { data, info } = await sharp(original)
    .autoOrient()
    .resize(OUTPUT.maxSide, OUTPUT.maxSide, { fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const open = () =>
    sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } });
  await open().webp(OUTPUT.webp).toBuffer();
  for (const width of OUTPUT.widths) await open().resize({ width }).webp(OUTPUT.webp).toBuffer();
  return performance.now() - started;
}

test('from the request for a form to the ready image', async () => {
  sharp.concurrency(1);
  const api = await startApiProcess();
  onTestFinished(() => api.stop());
  const worker = await startWorker(api);
  onTestFinished(() => worker.stop());
  const sql = api.db.db.$client;
  // When each image came to each status, by the same machine's clock as ours.
  await sql.unsafe(`
    create table moments (image uuid, status text, ms float);
    create function note() returns trigger language plpgsql as $$
    begin insert into moments values (new.id, new.status, extract(epoch from clock_timestamp()) * 1000); return null; end $$;
    create trigger note after update of status on images for each row execute function note()`);
  const original = await phonePhoto();
  const file = new Blob([new Uint8Array(original)], { type: 'image/jpeg' });
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${api.url}/api/images${path}`, {
      ...init,
      headers: { ...bearer(), ...init.headers },
    });
    expect(response.ok).toBe(true);
    return response.json();
  };

  async function uploadOne() {
    const started = now();
    const { image, upload } = await ask('/upload', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"contentType":"image/jpeg"}',
    });
    const issued = now();
    expect((await post(upload, file)).status).toBe(201);
    const uploaded = now();
    let current = image;
    while (!current.terminal) {
      current = (await ask(`/${image.id}`, { headers: { prefer: 'wait=25' } })).image;
    }
    const seen = now();
    expect(current.status).toBe('ready');
    const rows = await sql.unsafe('select status, ms from moments where image = $1', [image.id]);
    const at = (status: string): number => Number(rows.find((row) => row.status === status)?.ms);
    return {
      form: issued - started,
      upload: uploaded - issued,
      queue: at('processing') - uploaded,
      processing: at('ready') - at('processing'),
      notify: seen - at('ready'),
      'upload to ready': seen - uploaded,
      all: seen - started,
      'sharp alone': await bareTransform(original),
    };
  }

  for (let count = 0; count < WARM_UP; count++) await uploadOne();
  const measured: Awaited<ReturnType<typeof uploadOne>>[] = [];
  for (let count = 0; count < PHOTOS; count++) measured.push(await uploadOne());

  console.log(`${PHOTOS} photos of 4032 x 3024 pixels, ${original.length} bytes; milliseconds:`);
  for (const share of Object.keys(measured[0] ?? {}) as (keyof (typeof measured)[number])[]) {
    print(
      share,
      measured.map((one) => one[share]),
    );
  }
  print(
    'upload to ready, without what sharp alone takes',
    measured.map((one) => one['upload to ready'] - one['sharp alone']),
  );
});

/** Milliseconds since 1970, in fractions, as PostgreSQL tells them. */
const now = (): number => performance.timeOrigin + performance.now();

function print(name: string, values: number[]): void {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN).toFixed(1);
  console.log(`${name}: p50 ${at(0.5)}, p90 ${at(0.9)}, p99 ${at(0.99)}`);
}
