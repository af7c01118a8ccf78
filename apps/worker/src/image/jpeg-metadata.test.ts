import type { Metadata } from 'sharp';
import { describe, expect, test } from 'vitest';
import { exifBlock, plain, told, XMP } from '../../test/metadata.ts';
import { METADATA_CLASSES, metadataClasses } from './metadata-classes.ts';

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
