import { unsupportedMechanism } from '../auth/authenticate.ts';
import {
  ALGORITHM,
  checkScope,
  parseTimestamp,
  sameSignature,
  sign,
  signatureDoesNotMatch,
} from '../auth/sigv4.ts';
import type { Caller, Users } from '../auth/users.ts';
import { type AwsError, invalidArgument, notImplemented } from '../errors.ts';

/** Field names as S3's messages spell them, in the order in which it asks for them. */
const REQUIRED = ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Date', 'X-Amz-Signature'];

/**
 * Who signed a form: the signature is over the policy field as it was sent, in base64, before anything else in
 * the form is believed. A form without policy and signature is nobody's.
 * @param fields by lower-case name
 * @throws {AwsError}
 */
export function verifySignature(
  fields: Record<string, string>,
  { users, region }: { users: Users; region: string },
): Caller {
  const field = (name: string) => fields[name.toLowerCase()];
  if ('awsaccesskeyid' in fields || 'signature' in fields) {
    throw unsupportedMechanism();
  }
  const missing = REQUIRED.filter((name) => field(name) === undefined);
  if (missing.length === REQUIRED.length) return undefined;
  if (missing[0] !== undefined) throw missingField(missing[0]);
  const policy = fields.policy;
  if (policy === undefined) throw missingField('Policy');
  if ('x-amz-security-token' in fields) throw notImplemented('session tokens');

  const [algorithm = '', credential = '', timestamp = '', signature = ''] = REQUIRED.map((name) =>
    field(name),
  );
  if (algorithm !== ALGORITHM) {
    throw invalidArgument(`X-Amz-Algorithm only supports "${ALGORITHM}"`, 'X-Amz-Algorithm', algorithm);
  }
  const scope = checkScope(credential, { service: 's3', region }, (message) =>
    invalidArgument(message, 'X-Amz-Credential', credential),
  );
  if (Number.isNaN(parseTimestamp(timestamp)) || !timestamp.startsWith(scope.date)) {
    throw invalidArgument(
      'X-Amz-Date must be formated via ISO8601 Long format and be of the day in X-Amz-Credential',
      'X-Amz-Date',
      timestamp,
    );
  }
  const user = users.byAccessKey(scope.accessKeyId);
  if (sameSignature(signature, sign(user.secretAccessKey, scope, policy))) return user;
  throw signatureDoesNotMatch({
    AWSAccessKeyId: scope.accessKeyId,
    StringToSign: policy,
    SignatureProvided: signature,
  });
}

export const missingField = (name: string): AwsError =>
  invalidArgument(
    `Bucket POST must contain a field named '${name}'.  If it is specified, please check the order of the fields.`,
    name,
    '',
  );
