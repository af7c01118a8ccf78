import { AwsError } from '../errors.ts';
import type { SqsAnswer } from './queues.ts';

/** S3's code → SQS's, where they have different names for the same refusal. */
const CODES: Record<string, string> = {
  InvalidAccessKeyId: 'UnrecognizedClientException',
  SignatureDoesNotMatch: 'InvalidSignatureException',
  RequestTimeTooSkewed: 'InvalidSignatureException',
  XAmzContentSHA256Mismatch: 'InvalidSignatureException',
  AuthorizationHeaderMalformed: 'IncompleteSignature',
  MissingAuthenticationToken: 'MissingAuthenticationTokenException',
  AccessDenied: 'AccessDeniedException',
};

/** An error in SQS's JSON protocol; a bug of ours shows nothing of itself. */
export function sqsError(thrown: unknown): SqsAnswer {
  const error =
    thrown instanceof AwsError
      ? thrown
      : new AwsError(500, 'InternalError', 'An internal error has occurred.');
  const fault = error.status < 500 ? 'Sender' : 'Receiver';
  return {
    status: error.status,
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amzn-query-error': `${error.code};${fault}`,
    },
    body: JSON.stringify({
      __type: `com.amazon.coral.service#${CODES[error.code] ?? error.code}`,
      message: error.message,
    }),
  };
}
