import { accessDenied } from '../errors.ts';
import type { Condition, PostPolicy } from './parse-policy.ts';

type FieldCondition = Exclude<Condition, { operator: 'content-length-range' }>;

/** What a condition compares: the form's fields by lower-case name, with the key as it will be, and the URL's bucket. */
export type FormValues = Record<string, string>;

/** Fields that no condition need cover: docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html */
const isExempt = (field: string): boolean =>
  field === 'x-amz-signature' || field === 'policy' || field === 'file' || field.startsWith('x-ignore-');

/**
 * Checks a form against its policy.
 * @param values what the conditions see, among them `bucket` of the URL
 * @param names lower-case name → name as sent, of the form's own fields
 * @returns how many bytes the file may have, both ends included
 * @throws {AwsError} AccessDenied, with the condition that isn't met
 */
export function checkConditions(
  { expiration, conditions }: PostPolicy,
  values: FormValues,
  names: Record<string, string>,
  now: number,
): { min: number; max: number } {
  if (expiration <= now) throw accessDenied('Invalid according to Policy: Policy expired.');

  const limits = { min: 0, max: Number.POSITIVE_INFINITY };
  const covered = new Set<string>();
  for (const condition of conditions) {
    if (condition.operator === 'content-length-range') {
      limits.min = Math.max(limits.min, condition.min);
      limits.max = Math.min(limits.max, condition.max);
      continue;
    }
    const { field } = condition;
    if (!holds(condition, Object.hasOwn(values, field) ? values[field] : undefined)) {
      throw accessDenied(`Invalid according to Policy: Policy Condition failed: ${condition.text}`);
    }
    covered.add(field);
  }
  const extra = Object.entries(names).filter(([field]) => !covered.has(field) && !isExempt(field));
  if (extra.length > 0) {
    const list = extra.map(([, name]) => name).join(', ');
    throw accessDenied(`Invalid according to Policy: Extra input fields: ${list}`);
  }
  return limits;
}

/** A field that the form lacks meets no condition, not even one that any value meets. */
function holds({ operator, field, value }: FieldCondition, actual: string | undefined): boolean {
  if (actual === undefined) return false;
  if (operator === 'eq') return actual === value;
  // Of this field alone, a comma makes a list, each item of which must meet the condition.
  const items = field === 'content-type' ? actual.split(',').map((item) => item.trim()) : [actual];
  return items.every((item) => item.startsWith(value));
}
