/** Files of every allowed type that are valid but for what was done to them. */
import { type CorpusFile, corpus } from '@s3-image-app/testkit';
import fc from 'fast-check';
import { lengthFields } from './length-fields.ts';

export const FORMATS = ['jpeg', 'png', 'webp', 'gif', 'avif', 'heic'] as const;
type Format = (typeof FORMATS)[number];

/** Places are fractions of the file that they come to. */
type Change =
  | { kind: 'flip'; bytes: [place: number, value: number][] }
  | { kind: 'cut'; to: number }
  | { kind: 'lose'; from: number; length: number }
  | { kind: 'join'; own: number; format: Format; file: number; from: number }
  | { kind: 'length'; field: number; value: number };
export type Mutation = { format: Format; file: number; changes: Change[] };
export type Mutant = { declaredType: string; bytes: Buffer };

/** Bytes. Small files are changed in more of what matters. */
const MAX_SEED = 70_000;

const seeds = Object.groupBy(
  corpus().filter(
    ({ path, expect, read }) => expect === 'accept' && path.startsWith('valid/') && read().length <= MAX_SEED,
  ),
  ({ path }) => path.split('/')[1] as Format,
);

// Without bias, since fast-check prefers small numbers, and the first byte of a file is not the one that matters most.
const fraction = fc.noBias(fc.nat(999_999)).map((millionths) => millionths / 1_000_000);
const format = fc.constantFrom(...FORMATS);
const anyFile = fc.noBias(fc.nat(1_000));

const change: fc.Arbitrary<Change> = fc.oneof(
  {
    // Most often, and few bytes: what still decodes is of more interest than what does not.
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('flip' as const),
      bytes: fc.array(fc.tuple(fraction, fc.nat(255)), { minLength: 1, maxLength: 5 }),
    }),
  },
  fc.record({ kind: fc.constant('cut' as const), to: fraction }),
  fc.record({ kind: fc.constant('lose' as const), from: fraction, length: fc.integer({ min: 1, max: 500 }) }),
  fc.record({ kind: fc.constant('join' as const), own: fraction, format, file: anyFile, from: fraction }),
  fc.record({
    kind: fc.constant('length' as const),
    field: fraction,
    value: fc.oneof(fc.nat(64), fc.nat(65_535), fc.constantFrom(0x7fffffff, 0x80000000, 0xffffffff)),
  }),
);

export const mutation: fc.Arbitrary<Mutation> = fc.record({
  format,
  file: anyFile,
  changes: fc.array(change, { minLength: 1, maxLength: 2 }),
});

export function mutate({ format, file, changes }: Mutation): Mutant {
  const seed = seedOf(format, file);
  const bytes = changes.reduce((bytes, change) => apply(bytes, change), seed.read());
  return { declaredType: seed.declaredType, bytes };
}

function seedOf(format: Format, file: number): CorpusFile {
  const files = seeds[format] ?? [];
  const seed = files[file % files.length];
  if (!seed) throw new Error(`The corpus has no small valid file of ${format}`);
  return seed;
}

function apply(bytes: Buffer, change: Change): Buffer {
  const at = (place: number) => Math.floor(place * bytes.length);
  switch (change.kind) {
    case 'flip': {
      const flipped = Buffer.from(bytes);
      for (const [place, value] of change.bytes) flipped[at(place)] = value;
      return flipped;
    }
    case 'cut':
      return bytes.subarray(0, at(change.to));
    case 'lose':
      return Buffer.concat([
        bytes.subarray(0, at(change.from)),
        bytes.subarray(at(change.from) + change.length),
      ]);
    case 'join': {
      const other = seedOf(change.format, change.file).read();
      return Buffer.concat([
        bytes.subarray(0, at(change.own)),
        other.subarray(Math.floor(change.from * other.length)),
      ]);
    }
    case 'length': {
      const fields = lengthFields(bytes);
      const field = fields[Math.floor(change.field * fields.length)];
      if (!field) return bytes;
      const changed = Buffer.from(bytes);
      const value = field.size === 2 ? change.value % 65_536 : change.value;
      if (field.little) changed.writeUIntLE(value, field.at, field.size);
      else changed.writeUIntBE(value, field.at, field.size);
      return changed;
    }
  }
}
