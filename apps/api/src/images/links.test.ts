import { S3Client } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { createLinks, signingTime } from './links.ts';

const signer = (options: object = {}) =>
  new S3Client({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'AKID', secretAccessKey: 'secret' },
    ...options,
  });
const place = { bucket: 'images', region: 'eu-central-1' };

describe('a public address', () => {
  test("is the bucket's own on AWS", () => {
    expect(createLinks(signer(), place).publicUrl('public/a/b.webp')).toBe(
      'https://images.s3.eu-central-1.amazonaws.com/public/a/b.webp',
    );
  });

  test("is the endpoint's with the bucket in the path, for a store that wants it so", () => {
    const endpoint = 'http://127.0.0.1:4566';
    const links = createLinks(signer({ endpoint, forcePathStyle: true }), { ...place, endpoint });
    expect(links.publicUrl('public/a/b.webp')).toBe('http://127.0.0.1:4566/images/public/a/b.webp');
  });

  test("is the CDN's where there is one, and pages may connect to both", () => {
    const links = createLinks(signer(), { ...place, publicBaseUrl: 'https://img.example.com/i' });
    expect(links.publicUrl('public/a/b.webp')).toBe('https://img.example.com/i/public/a/b.webp');
    expect(links.origins).toEqual([
      'https://images.s3.eu-central-1.amazonaws.com',
      'https://img.example.com',
    ]);
  });
});

describe('a signed link', () => {
  test('is signed for the asked time from the start of a window, and says when it ends', async () => {
    const { url, expiresAt } = await createLinks(signer(), place).signedUrl('private/a/b.webp', 3600);
    const { origin, pathname, searchParams } = new URL(url);
    expect(`${origin}${pathname}`).toBe('https://images.s3.eu-central-1.amazonaws.com/private/a/b.webp');
    expect(Object.fromEntries(searchParams)).toMatchObject({
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Expires': '3600',
      'X-Amz-SignedHeaders': 'host',
      'X-Amz-Signature': expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const signedAt = expiresAt.getTime() / 1000 - 3600;
    expect(signedAt % 900).toBe(0);
    expect(searchParams.get('X-Amz-Date')).toBe(
      new Date(signedAt * 1000).toISOString().replace(/[-:]|\.\d+/g, ''),
    );
  });

  test('is signed as of the same moment throughout a quarter of its life', () => {
    const start = 1_700_000_100_000 - (1_700_000_100_000 % 900_000);
    expect(signingTime(3600, start)).toBe(start / 1000);
    expect(signingTime(3600, start + 899_999)).toBe(start / 1000);
    expect(signingTime(3600, start + 900_000)).toBe(start / 1000 + 900);
  });
});

test('a link to save an image names the file as every browser understands it', async () => {
  const links = createLinks(signer(), place);
  const { url } = await links.signedUrl('private/a/b.webp', 3600, 'räder + 1.webp');
  expect(url).not.toContain('+');
  expect(new URL(url).searchParams.get('response-content-disposition')).toBe(
    `attachment; filename="r?der + 1.webp"; filename*=UTF-8''r%C3%A4der%20%2B%201.webp`,
  );
});
