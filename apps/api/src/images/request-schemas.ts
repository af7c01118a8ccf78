import { VISIBILITIES } from '@s3-image-app/db';
import { type Static, Type } from 'typebox';
import { defaulted, oneOf } from './schema-parts.ts';
import { UPLOAD_TYPE_PATTERN, UPLOAD_TYPES_TOLD } from './upload-types.ts';

/** Images that one request may ask forms for. */
export const MAX_BATCH = 10;

/** Text that people write: no control characters, and no half of a surrogate pair, which UTF-8 cannot hold. */
const TEXT = '^[^\\p{Cc}\\p{Cs}]*$';

/** 32 bytes in base64: the last digit before the padding carries four bits only. */
const SHA256 = '^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$';

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

/** An id that is no UUID is no image's id: the answer is 404 like any other's, so nothing is checked here. */
export const ImageParams = Type.Object({ id: Type.String({ description: "the image's id, a UUID" }) });
