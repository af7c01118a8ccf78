/** Requests for the fuzzing of the API: made from what its own document says of each route. */
import fc from 'fast-check';

type Schema = {
  type?: string | string[];
  enum?: unknown[];
  examples?: unknown[];
  properties?: Record<string, Schema>;
  items?: Schema;
};

const HOSTILE: unknown[] = [
  ...[
    '',
    '\u0000',
    'a\u0000b',
    '\ud800',
    '\udfff\ud800',
    '../../etc/passwd',
    "'; drop table images; --",
    '%00',
    '%',
  ],
  ...['__proto__', 'constructor', '\u202e', 'Å'.repeat(300), 'a'.repeat(5_000), 'NaN', '1e999'],
  ...[0, -1, 1.5, 2 ** 53, 1e308, -(2 ** 63), true, false, null, [], [[[[[]]]]], {}, { a: { b: { c: [] } } }],
];

/** Mostly what the schema asks for, often enough something near it, sometimes something hostile. */
function like(schema: Schema): fc.Arbitrary<unknown> {
  const fitting: fc.Arbitrary<unknown>[] = [fc.constantFrom(...(schema.examples ?? schema.enum ?? ['a', 1]))];
  const type = [schema.type].flat()[0];
  if (type === 'string') fitting.push(fc.string({ unit: 'binary', maxLength: 300 }), fc.uuid());
  if (type === 'integer') fitting.push(fc.integer(), fc.maxSafeInteger());
  if (type === 'array' && schema.items) fitting.push(fc.array(like(schema.items), { maxLength: 12 }));
  if (schema.properties) {
    const known = Object.fromEntries(
      Object.entries(schema.properties).map(([name, property]) => [name, like(property)]),
    );
    fitting.push(
      fc.record(known, { requiredKeys: [] }),
      fc
        .tuple(
          fc.record(known, { requiredKeys: [] }),
          fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()),
        )
        .map(([right, wrong]) => ({ ...right, ...wrong })),
    );
  }
  return fc.oneof(
    { weight: 8, arbitrary: fc.oneof(...fitting) },
    { weight: 1, arbitrary: fc.constantFrom(...HOSTILE) },
  );
}

const asText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(...HOSTILE).map((value) => (typeof value === 'string' ? value : JSON.stringify(value))),
);

/** Percent-encoded, unless it can't be, or should be wrong. */
const inUrl = (value: string): string => encodeURIComponent(value.toWellFormed()).replaceAll('.', '%2E');

const headerValue = fc.string({ unit: 'grapheme-ascii', maxLength: 40 });

/** A route of the API, as its OpenAPI document describes it. */
export type Operation = {
  path: string;
  method: string;
  parameters: { name: string; in: string; schema: Schema }[];
  /** Of the JSON that it takes, if it takes any. */
  body: Schema | undefined;
};

type Described = {
  parameters?: Operation['parameters'];
  requestBody?: { content?: Record<string, { schema: Schema }> };
};

/** Every route of an OpenAPI document. */
export const operationsOf = (document: { paths: Record<string, Record<string, Described>> }): Operation[] =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { parameters = [], requestBody }]) => ({
      path,
      method: method.toUpperCase(),
      parameters,
      body: requestBody?.content?.['application/json']?.schema,
    })),
  );

/** Whose token a call is sent with: deleting would end what the others work on. */
export const callerOf = ({ method }: Operation): string => (method === 'DELETE' ? 'nobody' : 'fuzz');

export type Call = { url: string; headers: Record<string, string>; payload?: string };

/** Calls made from a route's own schema, nearly or not at all; `imageId` is of an image that is there. */
export function callsTo({ path, parameters, body: schema }: Operation, imageId: string): fc.Arbitrary<Call> {
  const pathParts = fc.tuple(
    ...path.split('/').map((part) =>
      part.startsWith('{')
        ? fc.oneof(
            fc.constant(imageId),
            fc.uuid(),
            asText.map(inUrl),
            asText.map((raw) => raw.replaceAll(/[^\x21-\x7e]|[/?#]/g, '')),
          )
        : fc.constant(part),
    ),
  );
  const query = fc.array(
    fc.tuple(
      fc.oneof(fc.constantFrom('limit', 'cursor', ...parameters.map(({ name }) => name)), asText),
      fc.oneof(asText, fc.integer().map(String)),
    ),
    { maxLength: 4 },
  );
  const body = schema
    ? fc.oneof(
        { weight: 6, arbitrary: like(schema).map((value) => ['application/json', JSON.stringify(value)]) },
        {
          weight: 1,
          arbitrary: fc.tuple(
            fc.constantFrom(
              'application/json',
              'text/plain',
              'a/b;c',
              ';',
              'multipart/form-data; boundary=x',
            ),
            asText,
          ),
        },
        {
          weight: 1,
          arbitrary: asText.map((value) => [
            'multipart/form-data; boundary=x',
            `--x\r\nContent-Disposition: form-data; name="image"; filename="${value}.png"\r\n\r\n${value}\r\n--x\r\nContent-Disposition: form-data; name="alt"\r\n\r\n${value}\r\n--x--\r\n`,
          ]),
        },
      )
    : fc.constant(undefined);
  const headers = fc.record(
    {
      'if-match': headerValue,
      'if-none-match': headerValue,
      'idempotency-key': headerValue,
      traceparent: headerValue,
      accept: headerValue,
    },
    { requiredKeys: [] },
  );
  return fc.tuple(pathParts, query, body, headers).map(([parts, pairs, sent, extra]) => ({
    url: `${parts.join('/')}?${pairs.map(([name, value]) => `${inUrl(name)}=${inUrl(value)}`).join('&')}`,
    headers: {
      ...(extra as Record<string, string>),
      // An original that nobody processes would be waited for.
      prefer: 'wait=0',
      ...(sent ? { 'content-type': sent[0] as string } : {}),
    },
    ...(sent ? { payload: sent[1] as string } : {}),
  }));
}
