import { IMAGE_STATUSES, METADATA_CLASSES, REJECTION_CODES, VISIBILITIES } from '@s3-image-app/db';
import { type Static, type TSchema, Type } from 'typebox';
import { EXAMPLE_ID, EXAMPLE_KEY, EXAMPLE_URL, moment, oneOf, orNull } from './schema-parts.ts';

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
