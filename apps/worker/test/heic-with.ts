/** Makes of a HEIC file with a single picture and no EXIF one that says more (ISO 14496-12, ISO 23008-12). */

type Additions = {
  /** Quarter turns against the clock. */
  irot?: number;
  /** A colour profile. */
  icc?: Buffer;
  /** TIFF of an Exif item. */
  exif?: Buffer;
};

export function heicWith(heic: Buffer, { irot, icc, exif }: Additions): Buffer {
  const properties = [
    ...(icc ? [box('colr', Buffer.from('prof'), icc)] : []),
    ...(irot === undefined ? [] : [box('irot', Buffer.from([irot]))]),
  ];
  const [fileType, meta, ...rest] = boxesOf(heic);
  if (fileType?.type !== 'ftyp' || meta?.type !== 'meta')
    throw new Error('Not a file that starts by its meta');
  const inMeta = boxesOf(meta.content.subarray(FULL));
  const build = (shift: number, exifAt: number): Buffer =>
    box(
      'meta',
      meta.content.subarray(0, FULL),
      ...inMeta.map(({ type, content }) => {
        if (type === 'iprp') return box(type, withProperties(content, properties));
        if (type === 'iloc')
          return box(type, withPlaces(content, shift, exif && { at: exifAt, length: exif.length + 4 }));
        if (type === 'iinf' && exif) return box(type, withExifItem(content));
        return box(type, content);
      }),
      ...(exif ? [box('iref', Buffer.alloc(FULL), box('cdsc', words(2, 1, 1)))] : []),
    );
  // How much longer it gets does not depend on the places that are written into it.
  const shift = build(0, 0).length - meta.content.length - HEADER;
  const exifAt = heic.length + shift + HEADER;
  return Buffer.concat([
    box('ftyp', fileType.content),
    build(shift, exifAt),
    ...rest.map(({ type, content }) => box(type, content)),
    ...(exif ? [box('mdat', Buffer.alloc(4), exif)] : []),
  ]);
}

const HEADER = 8;
/** Version and flags. */
const FULL = 4;

const words = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => {
    bytes.writeUInt16BE(value, index * 2);
  });
  return bytes;
};

function box(type: string, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const header = Buffer.alloc(HEADER);
  header.writeUInt32BE(HEADER + content.length);
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, content]);
}

function boxesOf(bytes: Buffer): { type: string; content: Buffer }[] {
  const found: { type: string; content: Buffer }[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    found.push({
      type: bytes.toString('latin1', at + 4, at + HEADER),
      content: bytes.subarray(at + HEADER, at + length),
    });
    at += length;
  }
  return found;
}

/** Puts them behind the others, and says of the picture that they are its, essential ones. */
function withProperties(iprp: Buffer, added: Buffer[]): Buffer {
  const [container, association] = boxesOf(iprp);
  if (!container || !association) throw new Error('No properties');
  const first = boxesOf(container.content).length + 1;
  // Version and flags, one entry, its item, a count, and an index each.
  const entry = Buffer.from(association.content);
  entry.writeUInt8(entry.readUInt8(10) + added.length, 10);
  const indexes = Buffer.from(added.map((_, index) => 0x80 | (first + index)));
  return Buffer.concat([box('ipco', container.content, ...added), box('ipma', entry, indexes)]);
}

/** Version 0 with offsets, lengths and base offsets of 4 bytes each, and one item, whose base offset moves. */
function withPlaces(iloc: Buffer, shift: number, exif?: { at: number; length: number }): Buffer {
  if (iloc.toString('hex', 0, 8) !== '0000000044400001') throw new Error('Places of another form');
  const moved = Buffer.from(iloc);
  moved.writeUInt32BE(moved.readUInt32BE(12) + shift, 12);
  if (!exif) return moved;
  moved.writeUInt16BE(2, 6);
  const item = Buffer.concat([words(2, 0), Buffer.alloc(4), words(1), Buffer.alloc(8)]);
  item.writeUInt32BE(exif.at, 4);
  item.writeUInt32BE(exif.length, 14);
  return Buffer.concat([moved, item]);
}

function withExifItem(iinf: Buffer): Buffer {
  const two = Buffer.from(iinf);
  two.writeUInt16BE(2, FULL);
  return Buffer.concat([two, box('infe', Buffer.from([2, 0, 0, 0]), words(2, 0), Buffer.from('Exif\0'))]);
}
