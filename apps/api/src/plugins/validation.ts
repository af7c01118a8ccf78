import type { ErrorObject, Options } from 'ajv';
// The dialect that OpenAPI 3.1 speaks.
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { DataValidationCxt } from 'ajv/dist/types/index.js';
import type { FastifySchemaCompiler, FastifyServerOptions } from 'fastify';
import { type FieldError, Problem } from '../problems.ts';

/** Errors that one answer names. A body of ten thousand unknown fields gets no answer of ten thousand lines. */
const MAX_ERRORS = 20;

/** Characters of a caller's own field name that an answer repeats. */
const MAX_NAME = 80;

/** A keyword of a string's schema: the Unicode form that the string is brought to. */
const NORMALIZATION = 'x-normalization';

const options: Options = {
  allErrors: true,
  // For messages that say what is allowed: the schema that refused is part of the error.
  verbose: true,
  useDefaults: true,
  // Unknown fields are refused by name, not dropped in silence.
  removeAdditional: false,
  // Keywords that only describe.
  keywords: ['example'],
  formats: { 'date-time': true, uri: true, uuid: true, byte: true, binary: true },
};

const bodies = new Ajv2020(options).addKeyword({
  // Text is measured as it is kept: one spelling of what looks the same, whatever keyboard it came from.
  keyword: NORMALIZATION,
  type: 'string',
  schemaType: 'string',
  before: 'maxLength',
  modifying: true,
  compile: (form: string) => (text: string, at?: DataValidationCxt) => {
    if (at) at.parentData[at.parentDataProperty] = text.normalize(form);
    return true;
  },
});
const queries = new Ajv2020(options);

/** A number as people write it; no field takes a negative one. JavaScript would read one in `0x10`, `1e1` and ` 10`, too. */
const DIGITS = /^\d+$/;

/** Compiles a route's schemas: JSON bodies are taken as they are, query strings are read as numbers where asked. */
export const validatorCompiler: FastifySchemaCompiler<object> = ({ schema, httpPart }) => {
  if (httpPart !== 'querystring') return bodies.compile(schema);
  const { properties = {} } = schema as { properties?: Record<string, { type?: string }> };
  const integers = Object.keys(properties).filter((name) => properties[name]?.type === 'integer');
  const validate = queries.compile(schema);
  return (query: Record<string, unknown>) => {
    // A query string holds nothing but strings.
    for (const name of integers) {
      const given = query[name];
      if (typeof given === 'string' && DIGITS.test(given)) query[name] = Number(given);
    }
    return validate(query) ? { value: query } : { error: validate.errors as never };
  };
};

/** Turns Ajv's findings into one problem that names each field and says what is allowed there. */
export const schemaErrorFormatter: NonNullable<FastifyServerOptions['schemaErrorFormatter']> = (
  errors,
  where,
) => {
  const found = (errors as ErrorObject[]).slice(0, MAX_ERRORS).map((error) => describe(error, where));
  return invalid(found);
};

/** A refusal of one or more fields. */
export const invalid = (errors: FieldError[]): Problem =>
  new Problem('validation_failed', `${errors.map(({ detail }) => detail).join('; ')}.`, { errors });

function describe(error: ErrorObject, where: string): FieldError {
  // These speak of the object; the field at fault is one below it.
  const field: string | undefined =
    error.params.missingProperty ?? error.params.additionalProperty ?? undefined;
  const path = field === undefined ? error.instancePath : `${error.instancePath}/${inPointer(field)}`;
  const name = path === '' ? `the ${where}` : plain(path);
  return { pointer: `#${encodeURI(path)}`, detail: `${name} ${refusal(error)}` };
}

/** As RFC 6901 writes a name in a pointer; cut short, and whole characters only, or no URI could hold it. */
const inPointer = (name: string): string =>
  name.slice(0, MAX_NAME).toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1');

/** A pointer as people read it: `images.0.size`. */
const plain = (path: string): string =>
  path.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~');

function refusal({ keyword, params, parentSchema, message }: ErrorObject): string {
  const { description, properties, type, minimum, maximum } = parentSchema as {
    description?: string;
    type?: string;
    minimum?: number;
    maximum?: number;
    properties?: Record<string, { description?: string }>;
  };
  switch (keyword) {
    case 'required': {
      const wanted = properties?.[params.missingProperty]?.description;
      return wanted ? `is required: ${wanted}` : 'is required';
    }
    case 'dependentRequired':
      return `is required with ${params.property}`;
    case 'additionalProperties':
      return `is not a field here; there are ${Object.keys(properties ?? {}).join(', ')}`;
    case 'enum':
      return `must be one of ${params.allowedValues.join(', ')}`;
    case 'pattern':
    case 'format':
      return `must be ${description}`;
    case 'type':
    case 'minimum':
    case 'maximum':
      if (type === 'integer') return `must be a whole number from ${minimum} to ${maximum}`;
  }
  return message?.replace('NOT', 'not') ?? 'is not valid';
}
