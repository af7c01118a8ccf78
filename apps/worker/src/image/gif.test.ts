import { expect, test } from 'vitest';
import { plain, told, XMP } from '../../test/metadata.ts';

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
