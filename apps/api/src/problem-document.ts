import { REJECTION_CODES } from '@s3-image-app/db';
import { Type } from 'typebox';
import { oneOf } from './images/schema-parts.ts';
import { PROBLEMS, type ProblemCode } from './problems.ts';

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
