import { type Static, type TSchema, Type } from 'typebox';

/** One of the strings, as TypeScript sees it and as JSON Schema's plain `enum`. */
export const oneOf = <const T extends string>(values: readonly T[], options: object = {}) =>
  Type.Unsafe<T>({ type: 'string', enum: [...values], ...options });

/** The schema, or null. As a list of types it serializes much faster than as `anyOf`. */
export const orNull = <T extends TSchema & { type: string }>(schema: T) =>
  Type.Unsafe<Static<T> | null>({ ...schema, type: [schema.type, 'null'] });

/** A field that may be left out and then has its default, which validation fills in before a handler looks. */
export const defaulted = <T extends TSchema>(schema: T): T => Type.Optional(schema) as unknown as T;

export const moment = (description: string, example: string | null) =>
  Type.String({ format: 'date-time', description, examples: [example] });

/** The id in all examples. */
export const EXAMPLE_ID = '0197ba1c-8a9e-7c3e-9d5e-3f1c2b7a6d10';
export const EXAMPLE_KEY = `private/products/2026/${EXAMPLE_ID}`;
export const EXAMPLE_URL = 'https://my-images.s3.eu-central-1.amazonaws.com';
