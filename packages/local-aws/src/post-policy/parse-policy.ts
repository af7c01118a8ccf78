import { AwsError } from '../errors.ts';

/**
 * The policy of a form, as
 * docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html describes it: when it expires, and
 * conditions that the form must meet.
 */
export type PostPolicy = {
  /** Milliseconds since 1970. */
  expiration: number;
  conditions: Condition[];
};

export type Condition =
  /** `field` is lower-case; `text` is the condition as S3 words it in its refusal. */
  | { operator: 'eq' | 'starts-with'; field: string; value: string; text: string }
  /** Bytes, both ends included. */
  | { operator: 'content-length-range'; min: number; max: number };

/**
 * @param encoded the form's policy field: JSON in base64
 * @throws {AwsError} InvalidPolicyDocument
 */
export function parsePolicy(encoded: string): PostPolicy {
  const document = parseJson(encoded);
  for (const name of Object.keys(document)) {
    if (name !== 'expiration' && name !== 'conditions') throw invalid(`Unexpected: '${name.toLowerCase()}'`);
  }
  const { expiration, conditions } = document;
  if (expiration === undefined) throw invalid('Policy missing expiration.');
  if (conditions === undefined) throw invalid('Policy missing conditions.');
  if (!Array.isArray(conditions)) throw invalid("Invalid 'conditions' value: must be a List.");
  return { expiration: parseExpiration(expiration), conditions: conditions.map(parseCondition) };
}

function parseJson(encoded: string): Record<string, unknown> {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(encoded, 'base64')));
  } catch {
    throw invalid('Invalid JSON.');
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    throw invalid('Invalid JSON.');
  return document as Record<string, unknown>;
}

function parseExpiration(value: unknown): number {
  const isUtc = typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(value);
  const time = isUtc ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time)) throw invalid(`Invalid 'expiration' value: '${String(value)}'`);
  return time;
}

function parseCondition(condition: unknown): Condition {
  if (Array.isArray(condition)) return parseListed(condition);
  if (typeof condition !== 'object' || condition === null) {
    throw invalid('Invalid Condition: must be a List or Object.');
  }
  const [entry, second] = Object.entries(condition);
  if (!entry || second) {
    throw invalid('Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.');
  }
  const [name, value] = entry;
  if (typeof value !== 'string') throw invalid('Invalid Simple-Condition: value must be a string.');
  return {
    operator: 'eq',
    field: name.toLowerCase(),
    value,
    text: JSON.stringify(['eq', `$${name}`, value]),
  };
}

function parseListed(condition: unknown[]): Condition {
  const [name, first, second] = condition;
  if (typeof name !== 'string') throw invalid('Invalid Condition: missing operation identifier.');
  const operator = name.toLowerCase();
  if (operator !== 'eq' && operator !== 'starts-with' && operator !== 'content-length-range') {
    throw invalid(`Invalid Condition: unknown operation '${name}'.`);
  }
  if (condition.length !== 3) throw invalid(`Invalid ${operator}: wrong number of arguments.`);
  if (operator === 'content-length-range') {
    const [min, max] = [byteCount(first), byteCount(second)];
    if (min > max) throw invalid('Invalid content-length-range: the minimum is above the maximum.');
    return { operator, min, max };
  }
  if (typeof first !== 'string' || typeof second !== 'string') throw invalid('Invalid JSON.');
  return {
    operator,
    // A name without `$` names no field, so that the condition fails.
    field: first.startsWith('$') ? first.slice(1).toLowerCase() : '',
    value: second,
    text: JSON.stringify([name, first, second]),
  };
}

function byteCount(value: unknown): number {
  if (/^\d+$/.test(String(value)) && Number.isSafeInteger(Number(value))) return Number(value);
  throw invalid(`Invalid content-length-range: '${String(value)}' is not a number of bytes.`);
}

const invalid = (message: string) => new AwsError(400, 'InvalidPolicyDocument', `Invalid Policy: ${message}`);
