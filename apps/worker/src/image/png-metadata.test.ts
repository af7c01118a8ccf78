import { crc32, deflateSync } from 'node:zlib';
import { corpus } from '@s3-image-app/testkit';
import type { Metadata } from 'sharp';
import { describe, expect, test } from 'vitest';
import { exifBlock, plain, told, XMP } from '../../test/metadata.ts';
import { metadataClasses } from './metadata-classes.ts';

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
