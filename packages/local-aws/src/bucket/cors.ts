import type { ServerResponse } from 'node:http';
import { AwsError, malformedXml } from '../errors.ts';
import type { S3Request } from '../s3/request.ts';
import { children, parseXml, text, texts } from '../s3/xml.ts';
import type { Bucket } from '../store/types.ts';

type CorsRule = {
  origins: string[];
  methods: string[];
  headers: string[];
  expose: string[];
  maxAge: string | undefined;
};

const METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'HEAD'];

/** @throws {AwsError} MalformedXML, InvalidRequest */
export function parseCors(document: string): CorsRule[] {
  const rules = children(parseXml(document, 'CORSConfiguration'), 'CORSRule').map((rule) => ({
    origins: texts(rule, 'AllowedOrigin'),
    methods: texts(rule, 'AllowedMethod'),
    headers: texts(rule, 'AllowedHeader'),
    expose: texts(rule, 'ExposeHeader'),
    maxAge: text(rule, 'MaxAgeSeconds'),
  }));
  if (rules.length === 0) throw malformedXml();
  for (const { origins, methods, headers, expose } of rules) {
    if (origins.length === 0 || methods.length === 0) throw malformedXml();
    const method = methods.find((name) => !METHODS.includes(name));
    if (method !== undefined) {
      throw invalid(`Found unsupported HTTP method in CORS config. Unsupported method is ${method}`);
    }
    const wild = [...origins, ...headers].find((pattern) => pattern.split('*').length > 2);
    if (wild !== undefined) throw invalid(`"${wild}" can not have more than one wildcard.`);
    const exposed = expose.find((name) => name.includes('*'));
    if (exposed !== undefined) throw invalid(`ExposeHeader "${exposed}" contains wildcard.`);
  }
  return rules;
}

const invalid = (message: string) => new AwsError(400, 'InvalidRequest', message);

/** Puts CORS headers on the answer of a request that a page of an allowed origin makes; errors have them too. */
export function applyCors(bucket: Bucket, request: S3Request, response: ServerResponse): void {
  const origin = request.incoming.headers.origin;
  if (origin === undefined || bucket.documents.cors === undefined) return;
  const rule = parseCors(bucket.documents.cors).find(
    ({ origins, methods }) => matchesAny(origins, origin) && methods.includes(request.method),
  );
  if (rule) grant(response, rule, origin);
}

/**
 * Answers a browser's question whether a page may make a request.
 * @throws {AwsError} AccessForbidden where no rule matches origin, method and every header
 */
export function answerPreflight(bucket: Bucket, request: S3Request, response: ServerResponse): void {
  const { origin, ...headers } = request.incoming.headers;
  const method = headers['access-control-request-method'];
  if (!origin) throw badPreflight('Insufficient information. Origin request header needed.');
  if (!method || !METHODS.includes(method)) {
    throw badPreflight(`Invalid Access-Control-Request-Method: ${method ?? 'null'}`);
  }
  if (bucket.documents.cors === undefined) {
    throw forbidden('CORSResponse: CORS is not enabled for this bucket.', method);
  }
  const asked = (headers['access-control-request-headers'] ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  const rule = parseCors(bucket.documents.cors).find(
    (candidate) =>
      matchesAny(candidate.origins, origin) &&
      candidate.methods.includes(method) &&
      asked.every((name) =>
        matchesAny(
          candidate.headers.map((pattern) => pattern.toLowerCase()),
          name,
        ),
      ),
  );
  if (!rule) {
    throw forbidden(
      'CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource’s CORS spec.',
      method,
    );
  }
  grant(response, rule, origin);
  if (asked.length > 0) response.setHeader('Access-Control-Allow-Headers', asked.join(', '));
  response.writeHead(200).end();
}

function grant(response: ServerResponse, rule: CorsRule, origin: string): void {
  const anyone = rule.origins.includes('*');
  response.setHeader('Access-Control-Allow-Origin', anyone ? '*' : origin);
  response.setHeader('Access-Control-Allow-Methods', rule.methods.join(', '));
  if (!anyone) response.setHeader('Access-Control-Allow-Credentials', 'true');
  if (rule.expose.length > 0) response.setHeader('Access-Control-Expose-Headers', rule.expose.join(', '));
  if (rule.maxAge !== undefined) response.setHeader('Access-Control-Max-Age', rule.maxAge);
  response.setHeader('Vary', 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method');
}

/** Patterns have at most one `*`, which stands for any text. */
const matchesAny = (patterns: string[], value: string): boolean =>
  patterns.some((pattern) => {
    const [start = '', end] = pattern.split('*');
    if (end === undefined) return pattern === value;
    return value.length >= start.length + end.length && value.startsWith(start) && value.endsWith(end);
  });

const badPreflight = (message: string) => new AwsError(400, 'BadRequest', message);
const forbidden = (message: string, method: string) =>
  new AwsError(403, 'AccessForbidden', message, { Method: method, ResourceType: 'OBJECT' });
