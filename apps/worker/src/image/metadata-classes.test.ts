import { METADATA_CLASSES as STORED } from '@s3-image-app/db';
import { corpus, photo } from '@s3-image-app/testkit';
import fc from 'fast-check';
import sharp, { type Metadata } from 'sharp';
import { describe, expect, test } from 'vitest';
import { METADATA_CLASSES, metadataClasses } from './metadata-classes.ts';

const told = async (bytes: Buffer) => metadataClasses(await sharp(bytes).metadata(), bytes);
const plain = () => sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } });
const blocks = (over: Partial<Metadata>) => metadataClasses(over as Metadata, new Uint8Array());

test('the database knows the same classes', () => {
  expect(METADATA_CLASSES).toEqual(STORED);
});

test('a picture alone holds nothing', async () => {
  expect(await told(await plain().jpeg().toBuffer())).toEqual([]);
});

test('a photo that tells a place is said to', async () => {
  expect(await told(photo('gps.jpg'))).toContain('gps');
});

describe('in EXIF', () => {
  test.each([
    ['gps', { IFD3: { GPSLatitude: '51/1 30/1 0/1' } }],
    ['camera', { IFD0: { Make: 'Maker' } }],
    ['camera', { IFD2: { LensModel: 'Lens' } }],
    ['serial', { IFD2: { BodySerialNumber: '123' } }],
    ['software', { IFD0: { Software: 'Editor' } }],
  ] as const)('%s', async (expected, exif) => {
    for (const format of ['jpeg', 'webp', 'png', 'avif'] as const) {
      const bytes = await plain().withExif(exif).toFormat(format).toBuffer();
      expect(await told(bytes), format).toEqual([expected]);
    }
  });

  test.each(['II', 'MM'])('a thumbnail, in the byte order %s', (order) => {
    const block = Buffer.alloc(40);
    const little = order === 'II';
    const u16 = (value: number, at: number) =>
      little ? block.writeUInt16LE(value, at) : block.writeUInt16BE(value, at);
    const u32 = (value: number, at: number) =>
      little ? block.writeUInt32LE(value, at) : block.writeUInt32BE(value, at);
    block.write(order);
    u16(42, 2);
    u32(8, 4);
    // An empty first directory, and a second one with the offset of a JPEG.
    u32(14, 10);
    u16(1, 14);
    u16(0x0201, 16);
    expect(blocks({ exif: block })).toEqual(['thumbnail']);
    expect(blocks({ exif: Buffer.concat([Buffer.from('Exif\0\0'), block]) })).toEqual(['thumbnail']);
  });

  test('whatever is broken of it is no error', async () => {
    const { exif } = await sharp(photo('gps.jpg')).metadata();
    if (!exif) throw new Error('gps.jpg has no EXIF');
    const changes = fc.array(fc.tuple(fc.nat(exif.length - 1), fc.nat(255)), { maxLength: 20 });
    fc.assert(
      fc.property(changes, fc.nat(exif.length), (changed, length) => {
        const block = Buffer.from(exif);
        for (const [at, value] of changed) block[at] = value;
        expect(METADATA_CLASSES).toEqual(expect.arrayContaining(blocks({ exif: block.subarray(0, length) })));
      }),
    );
  });
});

test('in XMP: what it says of place, camera, serial number, thumbnail and software', () => {
  const xmp = Buffer.from(
    '<x exif:GPSLatitude="51,30N" tiff:Make="M" aux:SerialNumber="1" xmp:CreatorTool="T"><xmpGImg:image/></x>',
  );
  expect(blocks({ xmp })).toEqual(['gps', 'camera', 'serial', 'thumbnail', 'software', 'xmp']);
  expect(blocks({ xmp: Buffer.from('<x/>') })).toEqual(['xmp']);
});

test('in the resources of Photoshop: IPTC and a thumbnail', () => {
  expect(blocks({ iptc: Buffer.from('8BIM\x04\x04\0\0\0\0\0\0', 'latin1') })).toEqual(['iptc']);
  expect(blocks({ iptc: Buffer.from('8BIM\x04\x0c\0\0\0\0\0\0', 'latin1') })).toEqual(['thumbnail']);
  expect(blocks({ iptc: Buffer.from('8BIM\x03\xed\0\0\0\0\0\0', 'latin1') })).toEqual([]);
});

test('a colour profile', async () => {
  expect(await told(await plain().withIccProfile('p3').jpeg().toBuffer())).toEqual(['icc']);
});

test('the software that a PNG names', () => {
  expect(blocks({ comments: [{ keyword: 'Software', text: 'Editor' }] })).toEqual(['software']);
});

test('EXIF behind the pixels of a PNG', async () => {
  const name = 'valid/png/avif-paris_icc_exif_xmp_at_end.png';
  const file = corpus().find(({ path }) => path === name);
  if (!file) throw new Error(`${name} is not in the corpus`);
  const bytes = file.read();
  expect(await told(bytes)).toEqual(expect.arrayContaining(['gps', 'camera', 'icc']));
  for (let length = 8; length < 2_000; length += 7) {
    const cut = bytes.subarray(bytes.length - length);
    expect(metadataClasses({ format: 'png' } as Metadata, cut)).toEqual([]);
  }
});
