import { ACCOUNT } from '../auth/users.ts';
import { AwsError, accessDenied, notImplemented } from '../errors.ts';

/** Headers (and form fields) that ask for something which isn't done here, whatever their value. */
const REFUSED = [
  'x-amz-tagging',
  'tagging',
  'redirect',
  'x-amz-website-redirect-location',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-server-side-encryption-context',
  'x-amz-server-side-encryption-customer-algorithm',
  'x-amz-copy-source-server-side-encryption-customer-algorithm',
  'x-amz-object-lock-mode',
  'x-amz-object-lock-retain-until-date',
  'x-amz-object-lock-legal-hold',
  'x-amz-bucket-object-lock-enabled',
  'x-amz-write-offset-bytes',
  'x-amz-mfa',
];

/**
 * Refuses a request that asks for what this server doesn't do.
 * @param headers lower-case
 * @throws {AwsError}
 */
export function refuseUnsupported(headers: Record<string, string>): void {
  const refused = REFUSED.find((name) => name in headers);
  if (refused !== undefined) throw notImplemented(`the header ${refused}`);
  if (Object.keys(headers).some((name) => name.startsWith('x-amz-grant-'))) {
    throw aclNotSupported();
  }
  const acl = headers['x-amz-acl'] ?? headers.acl ?? 'private';
  if (acl !== 'private' && acl !== 'bucket-owner-full-control') throw aclNotSupported();
  const encryption = headers['x-amz-server-side-encryption'] ?? 'AES256';
  if (encryption !== 'AES256') throw notImplemented(`x-amz-server-side-encryption: ${encryption}`);
  const storageClass = headers['x-amz-storage-class'] ?? 'STANDARD';
  if (storageClass !== 'STANDARD') throw notImplemented(`x-amz-storage-class: ${storageClass}`);
  if ((headers['x-amz-expected-bucket-owner'] ?? ACCOUNT) !== ACCOUNT) throw accessDenied();
}

/** Every bucket here has the ownership BucketOwnerEnforced, under which S3 takes no lists but these two. */
const aclNotSupported = () =>
  new AwsError(400, 'AccessControlListNotSupported', 'The bucket does not allow ACLs');
