import { type TSchema, Type } from 'typebox';
import type { HeaderName } from '../plugins/describe-answers.ts';
import type { ProblemCode } from '../problems.ts';
import type { ImagesDeps } from './deps.ts';
import { takeForm } from './files/take-form.ts';
import { IdempotentHeaders } from './only-once.ts';
import { Prefer } from './patience.ts';

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

/** `Location` is of one image: among several there is none to tell. */
const headersOf = (max: number): HeaderName[] => [
  ...(max === 1 ? (['Location'] as const) : []),
  'Retry-After',
  'Preference-Applied',
  'Idempotent-Replayed',
];

/**
 * What routes that take images have in common: they are asked for forms in JSON, or sent up to `max` files in `field` of
 * a multipart/form-data form.
 */
export const uploadOptions = <Json extends TSchema, FileForm extends TSchema, Made extends TSchema>(
  { config }: Pick<ImagesDeps, 'config'>,
  {
    operationId,
    summary,
    field,
    max,
    json,
    form,
    made,
  }: {
    operationId: string;
    summary: string;
    field: string;
    max: number;
    json: Json;
    form: FileForm;
    made: Made;
  },
) => ({
  preValidation: takeForm({ field, max, maxBytes: config.MAX_MULTIPART_BYTES }),
  config: {
    problems,
    answers: {
      201: {
        description:
          'Asked in JSON: `pending`, with `upload`, the form by which the file goes to S3; it is missing from a replay ' +
          'where the file has come. Sent as a form: as the worker made it.',
        headers: headersOf(max),
      },
      202: {
        description: 'Sent as a form, and not ready when the wait was over: ask for it by its id.',
        headers: headersOf(max),
      },
    },
  },
  schema: {
    operationId,
    summary,
    headers: Type.Object({ ...IdempotentHeaders.properties, prefer: Prefer }),
    body: { content: { 'application/json': { schema: json }, 'multipart/form-data': { schema: form } } },
    response: { 201: made, 202: made },
  },
});
