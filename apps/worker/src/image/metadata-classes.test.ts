import { crc32, deflateSync } from 'node:zlib';
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

/** A directory of TIFF in little-endian order, each of whose tags has a value of four bytes. */
function directory(tags: Record<number, number>): Buffer {
  const entries = Object.entries(tags).map(([tag, value]) => {
    const entry = Buffer.alloc(12);
    entry.writeUInt16LE(Number(tag));
    entry.writeUInt32LE(value, 8);
    return entry;
  });
  return Buffer.concat([Buffer.from([entries.length, 0]), ...entries, Buffer.alloc(4)]);
}

const exifBlock = (tags: Record<number, number>) =>
  Buffer.concat([Buffer.from('II*\0\x08\0\0\0', 'latin1'), directory(tags)]);

const XMP = '<x:xmpmeta><x xmp:CreatorTool="T"/></x:xmpmeta>';

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

describe('in a PNG, before its pixels or behind them', () => {
  const chunk = (name: string, content: Buffer) => {
    const whole = Buffer.alloc(12 + content.length);
    whole.writeUInt32BE(content.length);
    whole.write(name, 4, 'latin1');
    content.copy(whole, 8);
    whole.writeUInt32BE(crc32(whole.subarray(4, 8 + content.length)), 8 + content.length);
    return whole;
  };
  const text = (keyword: string, content: Buffer) =>
    chunk('tEXt', Buffer.concat([Buffer.from(`${keyword}\0`), content]));
  const packed = (keyword: string, content: Buffer) =>
    chunk('zTXt', Buffer.concat([Buffer.from(`${keyword}\0\0`), deflateSync(content)]));
  const international = (keyword: string, flags: string, content: Buffer) =>
    chunk('iTXt', Buffer.concat([Buffer.from(`${keyword}\0${flags}en\0\0`), content]));
  /** As ImageMagick writes it: 36 bytes a line. */
  const raw = (name: string, content: Buffer) => {
    const lines = content.toString('hex').replaceAll(/.{72}/g, '$&\n');
    return Buffer.from(`\n${name}\n${String(content.length).padStart(8)}\n${lines}\n`);
  };
  const exif = exifBlock({ 305: 1 });
  const iptc = Buffer.from('8BIM\x04\x04\0\0\0\0\0\x06\x1c\x02\x19\0\x01a', 'latin1');

  const toldWith = async (extra: Buffer) => {
    const png = await plain().png().toBuffer();
    const end = png.length - 12;
    const before = await told(Buffer.concat([png.subarray(0, 33), extra, png.subarray(33)]));
    const behind = await told(Buffer.concat([png.subarray(0, end), extra, png.subarray(end)]));
    expect(behind).toEqual(before);
    return behind;
  };

  test.each<[string, Buffer, string[]]>([
    ['the software that it names', text('Software', Buffer.from('Editor')), ['software']],
    ['EXIF', chunk('eXIf', exif), ['software']],
    ['XMP', international('XML:com.adobe.xmp', '\0\0', Buffer.from(XMP)), ['software', 'xmp']],
    [
      'packed XMP',
      international('XML:com.adobe.xmp', '\x01\0', deflateSync(Buffer.from(XMP))),
      ['software', 'xmp'],
    ],
    ['EXIF as text', text('Raw profile type exif', raw('exif', exif)), ['software']],
    [
      "EXIF as JPEG's, packed",
      packed('Raw profile type APP1', raw('APP1', Buffer.concat([Buffer.from('Exif\0\0'), exif]))),
      ['software'],
    ],
    ['XMP as packed text', packed('Raw profile type xmp', raw('xmp', Buffer.from(XMP))), ['software', 'xmp']],
    ['IPTC as packed text', packed('Raw profile type iptc', raw('iptc', iptc)), ['iptc']],
    ['a profile as packed text', packed('Raw profile type icc', raw('icc', Buffer.alloc(200, 1))), ['icc']],
    ['a text of another kind', text('Comment', Buffer.from('Software')), []],
  ])('%s', async (_, extra, expected) => {
    expect(await toldWith(extra)).toEqual(expected);
  });

  test('texts that unfold without end cost neither time nor memory', () => {
    const bomb = packed('Raw profile type exif', Buffer.alloc(64 * 1024 * 1024, '0'));
    const bombs = Buffer.concat([Buffer.alloc(8), ...Array<Buffer>(200).fill(bomb)]);
    const begin = performance.now();
    expect(metadataClasses({ format: 'png' } as Metadata, bombs)).toEqual([]);
    // Unpacking all of them whole takes a minute.
    expect(performance.now() - begin).toBeLessThan(3_000);
  });
});

describe('in a JPEG, what its decoder leaves out', () => {
  const segment = (marker: number, content: Buffer) => {
    const head = Buffer.from([0xff, marker, 0, 0]);
    head.writeUInt16BE(content.length + 2, 2);
    return Buffer.concat([head, content]);
  };
  const toldWith = async (...segments: Buffer[]) => {
    const jpeg = await plain().jpeg().toBuffer();
    return told(Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]));
  };
  const JFXX = Buffer.from('JFXX\0\x10thumbnail', 'latin1');

  test('the rest of an XMP that is longer than a segment', async () => {
    const header = `http://ns.adobe.com/xmp/extension/\0${'0'.repeat(32)}\0\0\0\x40\0\0\0\0`;
    const first = segment(0xe1, Buffer.from('http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>'));
    const rest = segment(0xe1, Buffer.from(header + XMP, 'latin1'));
    expect(await toldWith(first)).toEqual(['xmp']);
    expect(await toldWith(first, rest)).toEqual(['software', 'xmp']);
  });

  test("JFIF's thumbnails", async () => {
    expect(await toldWith(segment(0xe0, JFXX))).toEqual(['thumbnail']);
    const inline = Buffer.from('JFIF\0\x01\x01\0\0\x01\0\x01\x01\x01rgb', 'latin1');
    expect(await toldWith(segment(0xe0, inline))).toEqual(['thumbnail']);
  });

  test('a smaller picture in a multi-picture file', async () => {
    const entries = (type: number) => {
      const two = Buffer.alloc(32);
      two.writeUInt32LE(0x030000, 0);
      two.writeUInt32LE(type, 16);
      return two;
    };
    const index = exifBlock({ 45057: 2, 45058: 8 + 2 + 2 * 12 + 4 });
    const mpf = (type: number) => segment(0xe2, Buffer.concat([Buffer.from('MPF\0'), index, entries(type)]));
    expect(await toldWith(mpf(0x010001))).toEqual(['thumbnail']);
    expect(await toldWith(mpf(0x020002)), 'another view').toEqual([]);
  });

  test('whatever is broken of it is no error', () => {
    const jpeg = Buffer.concat([Buffer.from([0xff, 0xd8]), segment(0xe0, JFXX)]);
    for (let length = 0; length <= jpeg.length; length++) {
      const cut = jpeg.subarray(0, length);
      expect(METADATA_CLASSES).toEqual(
        expect.arrayContaining(metadataClasses({ format: 'jpeg' } as Metadata, cut)),
      );
    }
  });
});

test('XMP in a GIF', async () => {
  const gif = await plain().gif().toBuffer();
  // The text stands there bare; this makes readers of sub-blocks find their way out of it (XMP specification, part 3).
  const magic = Buffer.from([1, ...Array.from({ length: 256 }, (_, index) => 255 - index), 0]);
  const xmp = Buffer.concat([Buffer.from('!\xff\x0bXMP DataXMP', 'latin1'), Buffer.from(XMP), magic]);
  expect(await told(Buffer.concat([gif.subarray(0, -1), xmp, gif.subarray(-1)]))).toEqual([
    'software',
    'xmp',
  ]);
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
