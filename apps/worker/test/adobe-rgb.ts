/**
 * Adobe RGB (1998) as an ICC profile (ICC.1:2001-04, three matrix columns and one curve), made from its published numbers:
 * the primaries adapted to D50, and a gamma of 2 + 51/256.
 */
export function adobeRgbProfile(): Buffer {
  const tags = [
    ['desc', description('Adobe RGB (1998)')],
    ['cprt', Buffer.from('text\0\0\0\0none\0\0\0\0', 'latin1')],
    ['wtpt', xyz(0.95045, 1, 1.08905)],
    ['rXYZ', xyz(0.60974, 0.31111, 0.01947)],
    ['gXYZ', xyz(0.20528, 0.62567, 0.06087)],
    ['bXYZ', xyz(0.14919, 0.06322, 0.74457)],
    ['rTRC', gamma(2 + 51 / 256)],
    ['gTRC', gamma(2 + 51 / 256)],
    ['bTRC', gamma(2 + 51 / 256)],
  ] as const;
  const table = Buffer.alloc(4 + tags.length * 12);
  table.writeUInt32BE(tags.length);
  let offset = HEADER_BYTES + table.length;
  tags.forEach(([name, data], index) => {
    const at = 4 + index * 12;
    table.write(name, at, 'latin1');
    table.writeUInt32BE(offset, at + 4);
    table.writeUInt32BE(data.length, at + 8);
    offset += data.length;
  });
  return Buffer.concat([header(offset), table, ...tags.map(([, data]) => data)]);
}

const HEADER_BYTES = 128;

function header(size: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt32BE(size);
  bytes.writeUInt32BE(0x02100000, 8);
  bytes.write('mntrRGB XYZ ', 12, 'latin1');
  bytes.write('acsp', 36, 'latin1');
  xyz(0.9642, 1, 0.82491).copy(bytes, 68, 8);
  return bytes;
}

/** Numbers of 16 bits before the point and 16 after. */
function xyz(...values: [number, number, number]): Buffer {
  const bytes = Buffer.alloc(20);
  bytes.write('XYZ ', 'latin1');
  values.forEach((value, index) => {
    bytes.writeInt32BE(Math.round(value * 65_536), 8 + index * 4);
  });
  return bytes;
}

/** A curve of one entry, of 8 bits before the point and 8 after; filled up to a multiple of four. */
function gamma(exponent: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.write('curv', 'latin1');
  bytes.writeUInt32BE(1, 8);
  bytes.writeUInt16BE(Math.round(exponent * 256), 12);
  return bytes;
}

function description(text: string): Buffer {
  // After the ASCII text: no Unicode one, and 67 bytes for an old Macintosh one.
  const bytes = Buffer.alloc(Math.ceil((12 + text.length + 1 + 8 + 3 + 67) / 4) * 4);
  bytes.write('desc', 'latin1');
  bytes.writeUInt32BE(text.length + 1, 8);
  bytes.write(text, 12, 'latin1');
  return bytes;
}
