/** Where a file says how long a part of it is: `size` bytes at `at`. */
export type LengthField = { at: number; size: 2 | 4; little: boolean };

/** The lengths of PNG's and RIFF's chunks, JPEG's segments and ISO BMFF's boxes, as far as the file can be followed. */
export function lengthFields(bytes: Buffer): LengthField[] {
  const text = (from: number, to: number) => bytes.toString('latin1', from, to);
  if (text(1, 4) === 'PNG') {
    return walk(bytes, 8, (at) => ({ at, size: 4, little: false, next: at + 12 + bytes.readUInt32BE(at) }));
  }
  if (text(0, 4) === 'RIFF') {
    return walk(bytes, 12, (at) => {
      const length = bytes.readUInt32LE(at + 4);
      return { at: at + 4, size: 4, little: true, next: at + 8 + length + (length % 2) };
    });
  }
  if (text(4, 8) === 'ftyp') return boxes(bytes, 0);
  if (bytes[0] === 0xff && bytes[1] === 0xd8) {
    return walk(bytes, 2, (at) => {
      const next = bytes[at] === 0xff ? at + 2 + bytes.readUInt16BE(at + 2) : bytes.length;
      return { at: at + 2, size: 2, little: false, next };
    });
  }
  return [];
}

type Step = LengthField & { next: number };

function walk(bytes: Buffer, from: number, step: (at: number) => Step): LengthField[] {
  const fields: LengthField[] = [];
  for (let at = from; at + 8 <= bytes.length; ) {
    const { next, ...field } = step(at);
    fields.push(field);
    at = next;
  }
  return fields;
}

/** Bytes before the first box inside, of the boxes that hold others in a still picture (ISO 14496-12, 23008-12). */
const CONTAINERS: Record<string, number> = { meta: 12, iprp: 8, ipco: 8, iinf: 14 };

function boxes(bytes: Buffer, from: number): LengthField[] {
  const inside: LengthField[] = [];
  const here = walk(bytes, from, (at) => {
    const length = bytes.readUInt32BE(at);
    const header = CONTAINERS[bytes.toString('latin1', at + 4, at + 8)];
    if (header && length > header && at + length <= bytes.length) {
      const within = boxes(bytes.subarray(0, at + length), at + header);
      inside.push(...within);
    }
    return { at, size: 4, little: false, next: at + Math.max(length, 8) };
  });
  return [...here, ...inside];
}
