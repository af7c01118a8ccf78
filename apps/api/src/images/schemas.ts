import { IMAGE_STATUSES, METADATA_CLASSES, REJECTION_CODES, VISIBILITIES } from '@s3-image-app/db';
import { type Static, type TSchema, Type } from 'typebox';
import { PROBLEMS, type ProblemCode } from '../problems.ts';
import { UPLOAD_TYPE_PATTERN, UPLOAD_TYPES_TOLD } from './upload-types.ts';

/** Images that one request may ask forms for. */
export const MAX_BATCH = 10;

/** Text that people write: no control characters, and no half of a surrogate pair, which UTF-8 cannot hold. */
const TEXT = '^[^\\p{Cc}\\p{Cs}]*$';

/** 32 bytes in base64: the last digit before the padding carries four bits only. */
const SHA256 = '^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$';

/** One of the strings, as TypeScript sees it and as JSON Schema's plain `enum`. */
export const oneOf = <const T extends string>(values: readonly T[], options: object = {}) =>
  Type.Unsafe<T>({ type: 'string', enum: [...values], ...options });

/** The schema, or null. As a list of types it serializes much faster than as `anyOf`. */
export const orNull = <T extends TSchema & { type: string }>(schema: T) =>
  Type.Unsafe<Static<T> | null>({ ...schema, type: [schema.type, 'null'] });

/** A field that may be left out and then has its default, which validation fills in before a handler looks. */
export const defaulted = <T extends TSchema>(schema: T): T => Type.Optional(schema) as unknown as T;

const moment = (description: string, example: string | null) =>
  Type.String({ format: 'date-time', description, examples: [example] });

/** The id in all examples. */
export const EXAMPLE_ID = '0197ba1c-8a9e-7c3e-9d5e-3f1c2b7a6d10';
const EXAMPLE_KEY = `private/products/2026/${EXAMPLE_ID}`;
const EXAMPLE_URL = 'https://my-images.s3.eu-central-1.amazonaws.com';

// Names of entities stand in URLs, so they start with a letter or a digit: "." and ".." are none.
export const EntityType = Type.String({
  pattern: '^[A-Za-z][A-Za-z0-9_.:-]{0,63}$',
  description: '1 to 64 letters, digits and _ . : - of which the first is a letter',
  examples: ['product'],
});

export const EntityId = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$',
  description: '1 to 128 letters, digits and _ . : - of which the first is a letter or a digit',
  examples: ['42'],
});

export const Folder = Type.String({
  maxLength: 200,
  pattern: '^[a-z0-9_-]+(/[a-z0-9_-]+)*$',
  description: 'path segments of a-z, 0-9, _ and -, joined by /, at most 200 characters',
  examples: ['products/2026'],
});

export const Alt = Type.String({
  'x-normalization': 'NFC',
  maxLength: 1000,
  pattern: TEXT,
  description: 'text of at most 1000 characters without control characters, for those who cannot see',
  examples: ['A red bicycle against a brick wall'],
});

/** Where an image is to go and what it is to be known as: the same for every kind of upload. */
const placement = {
  folder: defaulted(Type.String({ ...Folder, default: 'uploads' })),
  visibility: defaulted(oneOf(VISIBILITIES, { default: 'private' })),
  alt: Type.Optional(Alt),
  entityType: Type.Optional(EntityType),
  entityId: Type.Optional(EntityId),
};

/** An entity is named by both or by neither. */
export const wholeEntity = { entityType: ['entityId'], entityId: ['entityType'] };

/** A file in a form; by the time that it is validated only its name is left here. */
const File = Type.String({
  format: 'binary',
  description: `the file; its part's type is one of ${UPLOAD_TYPES_TOLD}, or its name tells it`,
});

/** A form that brings one file. */
export const FileForm = Type.Object(
  { image: File, ...placement },
  { additionalProperties: false, dependentRequired: wholeEntity },
);

/** A form that brings several files, which share the other fields. */
export const FilesForm = Type.Object(
  { images: Type.Array(File, { minItems: 1, maxItems: MAX_BATCH }), ...placement },
  { additionalProperties: false, dependentRequired: wholeEntity },
);

/** What a client tells about the image that it is going to upload. `maxBytes` is the largest size allowed. */
export const uploadRequest = (maxBytes: number) =>
  Type.Object(
    {
      contentType: Type.String({
        maxLength: 255,
        pattern: UPLOAD_TYPE_PATTERN,
        description: `one of ${UPLOAD_TYPES_TOLD}; parameters are ignored`,
        examples: ['image/jpeg'],
      }),
      size: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: maxBytes,
          description: `bytes, 1 to ${maxBytes}; if given, the form takes exactly that many`,
          examples: [183_204],
        }),
      ),
      sha256: Type.Optional(
        Type.String({
          pattern: SHA256,
          description: "the file's SHA-256 in base64 (44 characters); if given, S3 takes no other bytes",
          examples: ['47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='],
        }),
      ),
      filename: Type.Optional(
        Type.String({
          'x-normalization': 'NFC',
          maxLength: 255,
          pattern: TEXT,
          description: 'text of at most 255 characters without control characters; it is part of no key',
          examples: ['IMG_0042.HEIC'],
        }),
      ),
      ...placement,
    },
    {
      additionalProperties: false,
      dependentRequired: wholeEntity,
    },
  );

export type UploadRequest = Static<ReturnType<typeof uploadRequest>>;

const Variant = Type.Object({
  s3Key: Type.String({ examples: [`${EXAMPLE_KEY}-640w.webp`] }),
  url: Type.String({
    format: 'uri',
    examples: [`${EXAMPLE_URL}/${EXAMPLE_KEY}-640w.webp?X-Amz-Signature=5d672d79c15b1316`],
  }),
  width: Type.Integer({ description: 'pixels', examples: [640] }),
  height: Type.Integer({ description: 'pixels', examples: [480] }),
  sizeBytes: Type.Integer({ examples: [24_310] }),
});

/** The examples are of an image that is ready. */
export const Image = Type.Object({
  id: Type.String({ format: 'uuid', examples: [EXAMPLE_ID] }),
  status: oneOf(
    IMAGE_STATUSES.filter((status) => status !== 'deleting'),
    { examples: ['ready'] },
  ),
  terminal: Type.Boolean({
    description: 'whether only a caller can still change the status',
    examples: [true],
  }),
  s3Key: orNull(
    Type.String({ description: 'key of the WebP, once ready', examples: [`${EXAMPLE_KEY}.webp`] }),
  ),
  url: orNull(
    Type.String({
      format: 'uri',
      description: 'address of the WebP, once ready; of a private image signed, for a while',
      examples: [`${EXAMPLE_URL}/${EXAMPLE_KEY}.webp?X-Amz-Signature=5d672d79c15b1316`],
    }),
  ),
  width: orNull(Type.Integer({ description: 'pixels, turned upright', examples: [1600] })),
  height: orNull(Type.Integer({ description: 'pixels, turned upright', examples: [1200] })),
  sizeBytes: orNull(Type.Integer({ description: 'bytes of the WebP', examples: [118_764] })),
  variants: Type.Array(Variant, { description: 'smaller renditions' }),
  thumbhash: orNull(
    Type.String({
      description: 'base64 (evanw.github.io/thumbhash)',
      examples: ['1QcSHQRnh493V4dIh4eXh1h4kJUI'],
    }),
  ),
  placeholder: orNull(
    Type.String({
      description: 'tiny image as a data: URI, to show while the real one loads',
      examples: ['data:image/webp;base64,UklGR…'],
    }),
  ),
  removedMetadata: Type.Array(oneOf(METADATA_CLASSES), {
    description: 'what the original held beside its picture, all of it removed',
    examples: [['gps', 'camera']],
  }),
  alt: orNull(Type.String({ examples: ['A red bicycle against a brick wall'] })),
  entityType: orNull(Type.String({ examples: ['product'] })),
  entityId: orNull(Type.String({ examples: ['42'] })),
  folder: Type.String({ examples: ['products/2026'] }),
  visibility: oneOf(VISIBILITIES, { examples: ['private'] }),
  rejection: orNull(
    Type.Object(
      { code: oneOf(REJECTION_CODES), detail: Type.String() },
      { description: 'why, if rejected', examples: [null] },
    ),
  ),
  createdAt: moment('when the first form was issued', '2026-11-25T09:30:00.000Z'),
  updatedAt: moment('when the status or a field last changed', '2026-11-25T09:30:04.120Z'),
  readyAt: orNull(moment('when it became ready', '2026-11-25T09:30:04.120Z')),
  expiresAt: orNull(moment('when the form ends, while pending', null)),
});
export type ImageDocument = Static<typeof Image>;

export const Form = Type.Object({
  method: Type.Literal('POST'),
  url: Type.String({
    format: 'uri',
    description: 'where to post the form, as multipart/form-data',
    examples: [EXAMPLE_URL],
  }),
  fields: Type.Record(Type.String(), Type.String(), {
    description: 'fields of the form, all of them, before the last one: file',
    examples: [{ key: `quarantine/${EXAMPLE_ID}`, 'Content-Type': 'image/jpeg', Policy: 'eyJleHBpcm…' }],
  }),
  expiresAt: moment('until when S3 takes the form', '2026-11-25T09:35:00.000Z'),
});
export type FormDocument = Static<typeof Form>;

export const succeeded = <P extends Record<string, TSchema>>(properties: P) =>
  Type.Object({ success: Type.Literal(true), ...properties });

/** An error answer (RFC 9457). */
export const ProblemDocument = Type.Object(
  {
    type: Type.String({ format: 'uri-reference', description: 'leads to the page that explains the code' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'what is wrong with this request' }),
    instance: Type.String(),
    code: oneOf(Object.keys(PROBLEMS) as ProblemCode[], { description: 'for programs to branch on' }),
    traceId: Type.String({ description: 'to be reported' }),
    success: Type.Literal(false),
    errors: Type.Optional(
      Type.Array(Type.Object({ pointer: Type.String(), detail: Type.String() }), {
        description: 'each field at fault, with validation_failed',
      }),
    ),
    imageId: Type.Optional(
      Type.String({ format: 'uuid', description: 'with image_rejected and processing_failed' }),
    ),
    rejection: Type.Optional(
      Type.Object(
        { code: oneOf(REJECTION_CODES), detail: Type.String() },
        { description: 'with image_rejected' },
      ),
    ),
  },
  { description: 'problem details' },
);

/** An id that is no UUID is no image's id: the answer is 404 like any other's, so nothing is checked here. */
export const ImageParams = Type.Object({ id: Type.String({ description: "the image's id, a UUID" }) });
