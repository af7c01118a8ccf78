import { METADATA_CLASSES as STORED } from '@s3-image-app/db';
import { photo } from '@s3-image-app/testkit';
import fc from 'fast-check';
import sharp, { type Metadata } from 'sharp';
import { describe, expect, test } from 'vitest';
import { directory, exifBlock, plain, told } from '../../test/metadata.ts';
import { METADATA_CLASSES, metadataClasses } from './metadata-classes.ts';

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

  test('what TIFF has tags of its own for, and tags in the other directory than the standard says', () => {
    expect(blocks({ exif: exifBlock({ 700: 1 }) })).toEqual(['xmp']);
    expect(blocks({ exif: exifBlock({ 33723: 1 }) })).toEqual(['iptc']);
    expect(blocks({ exif: exifBlock({ 42033: 1 }) })).toEqual(['serial']);
  });

  test.each([
    ['Nikon', 'Nikon\0\x02\x10\0\0II*\0\x08\0\0\0', 0x001d],
    ['FUJIFILM', 'FUJIFILM\x0c\0\0\0', 0x0010],
    ['OLYMPUS', 'OLYMPUS\0II\x03\0', 0x0404],
    ['Panasonic', 'Panasonic\0\0\0', 0x0025],
    ['Canon', '', 0x000c],
  ])("a serial number in the maker's notes of %s", (maker, beginning, serial) => {
    const withNotes = (tag: number) => {
      const notes = Buffer.concat([Buffer.from(beginning, 'latin1'), directory({ [tag]: 1 })]);
      // The main directory, with two tags, ends at 38; the other one, with one, at 56; the maker's name at 66.
      return Buffer.concat([
        Buffer.from('II*\0\x08\0\0\0', 'latin1'),
        directory({ 271: 56, 34665: 38 }),
        directory({ 37500: 66 }),
        Buffer.from(maker.padEnd(10, '\0')),
        notes,
      ]);
    };
    expect(blocks({ exif: withNotes(serial) })).toEqual(['camera', 'serial']);
    expect(blocks({ exif: withNotes(0x7777) })).toEqual(['camera']);
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
  // Signature, number, a name that is empty or not, length and content.
  const resource = (number: string, content: string, name = '\0\0') =>
    Buffer.from(`8BIM${number}${name}\0\0\0${String.fromCharCode(content.length)}${content}`, 'latin1');
  expect(blocks({ iptc: resource('\x04\x04', 'text') })).toEqual(['iptc']);
  expect(blocks({ iptc: resource('\x04\x04', 'text', '\x04name\0') })).toEqual(['iptc']);
  expect(blocks({ iptc: resource('\x04\x0c', 'JPEG') })).toEqual(['thumbnail']);
  expect(blocks({ iptc: resource('\x03\xed', 'size') })).toEqual([]);
  expect(blocks({ iptc: resource('\x04\x04', '') }), 'an empty one').toEqual([]);
  expect(blocks({ iptc: Buffer.from('\x1c\x02\x19\0\x01a', 'latin1') }), 'IPTC alone').toEqual(['iptc']);
});

test('a colour profile', async () => {
  expect(await told(await plain().withIccProfile('p3').jpeg().toBuffer())).toEqual(['icc']);
});
