import type { TSchema } from 'typebox';
import type { ProblemCode } from '../problems.ts';
import type { ImagesDeps } from './deps.ts';
import { takeForm } from './files/take-form.ts';
import { IdempotentHeaders } from './only-once.ts';

const problems: ProblemCode[] = [
  'image_not_found',
  'idempotency_key_in_flight',
  'idempotency_key_reused',
  'image_rejected',
  'too_many_pending',
  'quota_exceeded',
  'storage_unavailable',
  'processing_failed',
];

/**
 * What routes that take images have in common: they are asked for forms in JSON, or sent up to `max` files in `field` of
 * a multipart/form-data form.
 */
export const uploadOptions = <Json extends TSchema, FileForm extends TSchema, Made extends TSchema>(
  { config }: Pick<ImagesDeps, 'config'>,
  {
    summary,
    field,
    max,
    json,
    form,
    made,
  }: { summary: string; field: string; max: number; json: Json; form: FileForm; made: Made },
) => ({
  preValidation: takeForm({ field, max, maxBytes: config.MAX_MULTIPART_BYTES }),
  config: { problems },
  schema: {
    summary,
    headers: IdempotentHeaders,
    body: { content: { 'application/json': { schema: json }, 'multipart/form-data': { schema: form } } },
    response: { 201: made, 202: made },
  },
});
