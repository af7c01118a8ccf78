/** The errors that a first run meets, by name, with what to do about them. */
const HINTS: Record<string, string> = {
  CredentialsProviderError:
    'No AWS credentials were found: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
  BucketAlreadyExists: 'Somebody else owns a bucket of that name: choose another with --bucket.',
  AccessDenied:
    'These credentials may not do that: setting up needs s3:*Bucket* on the bucket and sqs:* on the queues.',
  InvalidAccessKeyId: 'The endpoint does not know these credentials: are they for this account and endpoint?',
  SignatureDoesNotMatch: 'The secret access key does not belong to the access key id.',
  PermanentRedirect: 'The bucket is in another region: name it with --region.',
  ECONNREFUSED: 'Nothing answers at the endpoint: is it running, and is the address right?',
  ENOTFOUND: 'There is no host of that name: is the endpoint right?',
};

/** The error's own words, and below them what the reader can do. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const hint = hintFor(error);
  return hint ? `${error.message}\n${hint}` : error.message;
}

/** An error that wraps another, such as "bucket policy: Access Denied", has the hint of what it wraps. */
function hintFor(error: Error): string | undefined {
  const { code } = error as { code?: string };
  const own = HINTS[error.name] ?? (code && HINTS[code]);
  return own || !(error.cause instanceof Error) ? own : hintFor(error.cause);
}
