type Test = (actual: string, wanted: string) => boolean;

const equals: Test = (actual, wanted) => actual === wanted;
const equalsIgnoringCase: Test = (actual, wanted) => actual.toLowerCase() === wanted.toLowerCase();
const like: Test = (actual, wanted) => wildcard(wanted).test(actual);

/** Operators that ask whether one of the values fits. */
const POSITIVE = new Map<string, Test>(
  Object.entries({
    StringEquals: equals,
    StringEqualsIgnoreCase: equalsIgnoringCase,
    StringLike: like,
    // AWS compares ARNs part by part, so that no wildcard reaches past a colon; both operators take wildcards.
    ArnEquals: arnLike,
    ArnLike: arnLike,
    Bool: equalsIgnoringCase,
  }),
);

/** Operators that ask whether none of the values fits. */
const NEGATIVE = new Map<string, Test>(
  Object.entries({
    StringNotEquals: equals,
    StringNotLike: like,
    ArnNotEquals: arnLike,
    ArnNotLike: arnLike,
  }),
);

const baseOf = (operator: string): string => operator.replace(/IfExists$/, '');

export const isOperator = (operator: string): boolean =>
  operator === 'Null' || POSITIVE.has(baseOf(operator)) || NEGATIVE.has(baseOf(operator));

/**
 * One condition: `operator` of a key's value in the request against the values in the policy.
 *
 * A key that the request lacks fails a positive operator and satisfies a negative one: "not equal" is true of
 * nothing. `…IfExists` makes a missing key satisfy any operator.
 */
export function conditionHolds(operator: string, actual: string | undefined, wanted: string[]): boolean {
  if (operator === 'Null') return wanted.includes(String(actual === undefined));
  const name = baseOf(operator);
  if (actual === undefined) return operator !== name || NEGATIVE.has(name);
  const positive = POSITIVE.get(name);
  if (positive) return wanted.some((value) => positive(actual, value));
  const negative = NEGATIVE.get(name);
  return negative !== undefined && !wanted.some((value) => negative(actual, value));
}

function arnLike(actual: string, wanted: string): boolean {
  const parts = splitArn(actual);
  const patterns = splitArn(wanted);
  return parts.length === patterns.length && parts.every((part, index) => like(part, patterns[index] ?? ''));
}

/** arn, partition, service, region, account, and all the rest: a resource may hold colons. */
function splitArn(arn: string): string[] {
  const parts = arn.split(':');
  return [...parts.slice(0, 5), parts.slice(5).join(':')];
}

/** A pattern of IAM: `*` is any text, `?` any one character. */
export function wildcard(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
}
