import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getImage, getStatuses, type Image } from '@s3-image-app/db';
import { quarantineKey } from '@s3-image-app/infra';
import { type CorpusFile, corpus } from '@s3-image-app/testkit';
import pLimit from 'p-limit';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startTestWorker, type TestWorker } from './start-test-worker.ts';
import { webpFlaws } from './webp-flaws.ts';

/** Types that the API issues forms for; anything else is uploaded under the name of a JPEG. */
const DECLARABLE = /^image\/(jpeg|png|webp|gif|avif|heic|heif)$/;
/** For a file whose own type can't be declared, these are right as well. */
const OTHERWISE = ['type_not_allowed', 'not_an_image', 'type_mismatch', 'corrupt'];
/** The side that the main rendition fits. */
const SIDE = 1024;

type Case = { file: CorpusFile; image: Image };

let it: TestWorker;
let cases: Case[];

beforeAll(async () => {
  // Verdicts don't depend on how large and how well renditions are encoded; the time that this takes does.
  it = await startTestWorker({
    env: { OUTPUT_MAX_PIXELS_SIDE: `${SIDE}`, VARIANT_WIDTHS: '320', WEBP_EFFORT: '0' },
  });
  const signer = new S3Client({
    endpoint: it.storage.endpoint,
    region: it.storage.region,
    forcePathStyle: true,
    credentials: it.storage.credentials.api,
  });
  const requested = await pLimit(8).map(corpus(), async (file) => {
    const contentType = DECLARABLE.test(file.declaredType) ? file.declaredType : 'image/jpeg';
    const image = await it.request({ contentType });
    await upload(signer, image, file.read());
    return { file, image };
  });
  const ids = requested.map(({ image }) => image.id);
  await vi.waitFor(
    async () => {
      const statuses = [...(await getStatuses(it.db.db, ids)).values()];
      expect(statuses.filter((status) => status !== 'ready' && status !== 'rejected')).toEqual([]);
    },
    { timeout: 300_000, interval: 500 },
  );
  cases = await Promise.all(
    requested.map(async ({ file, image }) => {
      const settled = await getImage(it.db.db, image.id);
      if (!settled) throw new Error(`No row for ${file.path}`);
      return { file, image: settled };
    }),
  );
}, 400_000);
afterAll(() => it.close());

/** By a form, as a browser does; a form refuses to take nothing, so that is put. */
async function upload(signer: S3Client, { id, contentType }: Image, bytes: Buffer): Promise<void> {
  const object = { Bucket: it.storage.bucket, Key: quarantineKey(id) };
  if (bytes.length === 0) {
    await it.storage.s3.send(new PutObjectCommand({ ...object, Body: bytes }));
    return;
  }
  const { url, fields } = await createPresignedPost(signer, {
    ...object,
    Fields: { 'Content-Type': contentType },
    Conditions: [['content-length-range', 1, bytes.length]],
  });
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new Blob([new Uint8Array(bytes)]));
  const response = await fetch(url, { method: 'POST', body: form });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
}

const ready = () => cases.filter(({ image }) => image.status === 'ready');

test('every file gets the verdict that its manifest gives it', () => {
  const wrong = cases.flatMap(({ file, image }) => {
    const verdict = image.rejectionCode ?? image.status;
    const allowed = {
      accept: ['ready'],
      reject: [...file.codes, ...(DECLARABLE.test(file.declaredType) ? [] : OTHERWISE)],
      // Whatever is said of it is right: that it ends is what counts.
      either: [verdict],
    }[file.expect];
    return allowed.includes(verdict) ? [] : [`${file.path}: ${verdict} (${image.rejectionDetail})`];
  });
  expect(wrong).toEqual([]);
});

test('what is ready is a WebP of the right size, upright, without metadata or anything hidden', async () => {
  const problems = await pLimit(4).map(ready(), async ({ file, image }) => {
    const files = [{ ...image, s3Key: image.s3Key ?? '' }, ...image.variants];
    const found = await Promise.all(
      files.map(async ({ s3Key, width, height }) => {
        const bytes = await it.read(s3Key);
        const { format, exif, xmp, iptc, icc, orientation, ...shown } = await sharp(bytes, {
          animated: true,
        }).metadata();
        return [
          format !== 'webp' && `is ${format}`,
          (exif ?? xmp ?? iptc ?? icc ?? orientation) !== undefined && 'has metadata',
          (shown.width !== width || (shown.pageHeight ?? shown.height) !== height) &&
            'has another size than its row says',
          bytes.includes('CORPUS-MARKER') && 'has the marker',
          ...webpFlaws(bytes),
        ].filter(Boolean);
      }),
    );
    return [...new Set(found.flat()), ...wrongSize(file, image)].map((problem) => `${file.path} ${problem}`);
  });
  expect(problems.flat()).toEqual([]);
});

function wrongSize({ width, height }: CorpusFile, image: Image): string[] {
  if (!width || !height) return [];
  const scale = Math.min(1, SIDE / Math.max(width, height));
  const off = Math.max(
    Math.abs(width * scale - (image.width ?? 0)),
    Math.abs(height * scale - (image.height ?? 0)),
  );
  return off > 1 ? [`is ${image.width} × ${image.height}`] : [];
}

test('nothing is left of the originals, and nothing is there of what was rejected', async () => {
  await expect.poll(() => it.keys('quarantine/')).toEqual([]);
  const stored = new Set(await it.keys('private/'));
  const named = ready().flatMap(({ image }) => [
    image.s3Key ?? '',
    ...image.variants.map(({ s3Key }) => s3Key),
  ]);
  expect(stored).toEqual(new Set(named));
});
