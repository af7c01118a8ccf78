import { crc32 } from 'node:zlib';
import { photo } from '@s3-image-app/testkit';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { inspect } from './inspect.ts';

const limits = { maxPixels: 50_000_000, maxSide: 30_000, maxFrames: 100, maxTotalPixels: 50_000_000 };
const look = (bytes: Buffer, declared: string) => inspect(bytes, declared, limits);

test.each([
  ['portrait.jpg', 'image/jpeg', { type: 'image/jpeg', width: 128, height: 128, frames: 1 }],
  ['transparent.png', 'image/png', { type: 'image/png', width: 200, height: 100, frames: 1 }],
  ['still.avif', 'image/avif', { type: 'image/avif', width: 128, height: 128, frames: 1 }],
  ['animated.webp', 'image/webp', { type: 'image/webp', width: 80, height: 80, frames: 9 }],
  ['animated.gif', 'image/gif', { type: 'image/gif', width: 100, height: 100, frames: 5 }],
] as const)('%s is what it was declared as', async (name, declared, header) => {
  expect(await look(photo(name), declared)).toMatchObject(header);
});

test('parameters and case of the declared type do not matter', async () => {
  expect(await look(photo('portrait.jpg'), 'IMAGE/JPEG; q=0.9')).toMatchObject({ type: 'image/jpeg' });
});

/** With the brand that says that it is of the HEIF family, and no more. */
const heif = () => {
  const bytes = Buffer.from(photo('still.avif'));
  bytes.write('mif1', 8, 'latin1');
  return bytes;
};

test.each(['image/avif', 'image/heif'])(
  'an AVIF in a HEIF container of no other brand may be declared %s',
  async (declared) => {
    expect(await look(heif(), declared)).toMatchObject({ type: 'image/avif' });
  },
);

const svg = Buffer.from(
  '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>',
);
const tiff = () => sharp(photo('portrait.jpg')).tiff().toBuffer();
/** With the size in its IHDR chunk changed, and the chunk's checksum with it. */
const promising = (width: number, height: number) => {
  const bytes = Buffer.from(photo('transparent.png'));
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  return bytes;
};

/** With the size in its frame header (ITU-T T.81, B.2.2) changed. */
const hugeJpeg = (width: number, height: number) => {
  const bytes = Buffer.from(photo('portrait.jpg'));
  const frame = bytes.findIndex((byte, at) => byte === 0xff && /^c[02]$/.test(hex(bytes[at + 1])));
  bytes.writeUInt16BE(height, frame + 5);
  bytes.writeUInt16BE(width, frame + 7);
  return bytes;
};
const hex = (byte = 0) => byte.toString(16);

test('a GIF that lacks nothing but its trailer passes', async () => {
  expect(await look(photo('animated.gif').subarray(0, -1), 'image/gif')).toMatchObject({ frames: 5 });
});

test.each<[string, () => Buffer | Promise<Buffer>, string, string]>([
  ['text under the name of a JPEG', () => photo('text.jpg'), 'image/jpeg', 'not_an_image'],
  ['nothing but a byte', () => Buffer.from([255]), 'image/jpeg', 'not_an_image'],
  ['an SVG', () => svg, 'image/jpeg', 'not_an_image'],
  ['a TIFF', tiff, 'image/jpeg', 'type_not_allowed'],
  ['a TIFF declared as such', tiff, 'image/tiff', 'type_not_allowed'],
  ['a PNG declared as JPEG', () => photo('transparent.png'), 'image/jpeg', 'type_mismatch'],
  ['an AVIF declared as HEIF', () => photo('still.avif'), 'image/heif', 'type_mismatch'],
  ['an AVIF in a HEIF container declared as HEIC', heif, 'image/heic', 'type_mismatch'],
  ['an AVIF declared as HEIC', () => photo('still.avif'), 'image/heic', 'type_mismatch'],
  [
    'a PNG of which only the signature is left',
    () => photo('transparent.png').subarray(0, 8),
    'image/png',
    'corrupt',
  ],
  [
    'a JPEG of which only the beginning is left',
    () => photo('portrait.jpg').subarray(0, 20),
    'image/jpeg',
    'corrupt',
  ],
  ['a JPEG of which only two bytes are left', () => Buffer.from([0xff, 0xd8]), 'image/jpeg', 'corrupt'],
  [
    'an animated GIF that ends in the middle of its last frame',
    () => photo('animated.gif').subarray(0, -20),
    'image/gif',
    'corrupt',
  ],
  [
    'an animated GIF of which half is left',
    () => photo('animated.gif').subarray(0, photo('animated.gif').length / 2),
    'image/gif',
    'corrupt',
  ],
  [
    'a PNG whose header promises more than libpng reads',
    () => promising(2 ** 31 - 1, 2 ** 31 - 1),
    'image/png',
    'too_many_pixels',
  ],
  [
    'a PNG whose header promises more than PNG has room for',
    () => promising(2 ** 32 - 1, 1),
    'image/png',
    'corrupt',
  ],
  [
    'a JPEG whose header promises more than libjpeg-turbo reads',
    () => hugeJpeg(65_535, 65_535),
    'image/jpeg',
    'too_many_pixels',
  ],
  [
    'a PNG whose header promises 16,000 × 16,000',
    () => promising(16_000, 16_000),
    'image/png',
    'too_many_pixels',
  ],
  [
    'an AVIF sequence',
    () => Buffer.concat([Buffer.from('\0\0\0\x1cftypavis\0\0\0\0avisavifmif1', 'latin1'), Buffer.alloc(64)]),
    'image/avif',
    'type_not_allowed',
  ],
])('%s is refused', async (_, bytes, declared, code) => {
  await expect(look(await bytes(), declared)).rejects.toThrow(expect.objectContaining({ code }));
});
