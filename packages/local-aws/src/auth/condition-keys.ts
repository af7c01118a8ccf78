/**
 * The condition keys that requests here carry, lower-case as they are compared. A policy that uses another is
 * refused when it is put: to leave out a condition would turn a narrow permission into a wide one.
 */
export const CONDITION_KEYS: ReadonlySet<string> = new Set([
  'aws:referer',
  'aws:securetransport',
  'aws:principaltype',
  'aws:principalarn',
  'aws:principalaccount',
  'aws:principalisawsservice',
  // Only in a request that an AWS service makes: S3 to a queue.
  'aws:sourcearn',
  'aws:sourceaccount',
  's3:prefix',
  's3:delimiter',
  's3:if-none-match',
  's3:if-match',
  's3:x-amz-server-side-encryption',
  's3:x-amz-server-side-encryption-customer-algorithm',
]);

/** Condition key, lower-case, → the request's value. A key that is not in it is absent from the request. */
export type Context = Record<string, string>;
