import { AwsError } from '../errors.ts';
import type { SqsAnswer } from './queues.ts';

/**
 * S3's code → SQS's two names for the same refusal: of its JSON protocol, and of the query protocol before it,
 * which SDKs still give their errors.
 */
const CODES: Record<string, { json: string; query: string }> = {
  InvalidAccessKeyId: { json: 'UnrecognizedClientException', query: 'InvalidClientTokenId' },
  SignatureDoesNotMatch: { json: 'InvalidSignatureException', query: 'SignatureDoesNotMatch' },
  RequestTimeTooSkewed: { json: 'InvalidSignatureException', query: 'SignatureDoesNotMatch' },
  XAmzContentSHA256Mismatch: { json: 'InvalidSignatureException', query: 'SignatureDoesNotMatch' },
  AuthorizationHeaderMalformed: { json: 'IncompleteSignatureException', query: 'IncompleteSignature' },
  MissingAuthenticationToken: {
    json: 'MissingAuthenticationTokenException',
    query: 'MissingAuthenticationToken',
  },
  AccessDenied: { json: 'AccessDeniedException', query: 'AccessDenied' },
};

/** An error in SQS's JSON protocol; a bug of ours shows nothing of itself. */
export function sqsError(thrown: unknown): SqsAnswer {
  const error =
    thrown instanceof AwsError
      ? thrown
      : new AwsError(500, 'InternalError', 'An internal error has occurred.');
  const { json, query } = CODES[error.code] ?? { json: error.code, query: error.code };
  const fault = error.status < 500 ? 'Sender' : 'Receiver';
  return {
    status: error.status,
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amzn-query-error': `${query};${fault}`,
    },
    body: JSON.stringify({
      __type: `com.amazon.coral.service#${json}`,
      message: error.message,
    }),
  };
}
