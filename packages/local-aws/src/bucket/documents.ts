import { AwsError, malformedXml, notImplemented } from '../errors.ts';
import { buildXml, children, parseXml, text } from '../s3/xml.ts';
import type { Bucket } from '../store/types.ts';
import { parseCors } from './cors.ts';
import { parseLifecycle } from './lifecycle.ts';
import { checkBucketPolicy } from './policy.ts';
import { BLOCK_ALL, parsePublicAccessBlock } from './public-access.ts';

/** A document that a bucket keeps under a subresource such as `?cors`, and comes back as it was put. */
export type DocumentKind = {
  actions: { get: string; put: string; delete: string };
  contentType: string;
  /** The error of asking for one that isn't there. */
  missing: () => AwsError;
  /** Throws for a document that S3 wouldn't take, or that this server wouldn't carry out. */
  check: (bucket: Bucket, document: string) => void;
};

const actions = (name: string, remove = `s3:Put${name}`) => ({
  get: `s3:Get${name}`,
  put: `s3:Put${name}`,
  delete: remove,
});

const notFound = (code: string, message: string) => () => new AwsError(404, code, message);

const xml = (
  names: DocumentKind['actions'],
  missing: () => AwsError,
  check: (document: string) => void,
): DocumentKind => ({
  actions: names,
  contentType: 'application/xml',
  missing,
  check: (_bucket, document) => check(document),
});

/** By subresource. The notification configuration is apart: putting it involves the queue. */
export const DOCUMENTS: Record<string, DocumentKind> = {
  cors: xml(
    actions('BucketCORS'),
    notFound('NoSuchCORSConfiguration', 'The CORS configuration does not exist'),
    parseCors,
  ),
  lifecycle: xml(
    actions('LifecycleConfiguration'),
    notFound('NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist'),
    parseLifecycle,
  ),
  publicAccessBlock: xml(
    actions('BucketPublicAccessBlock'),
    notFound('NoSuchPublicAccessBlockConfiguration', 'The public access block configuration was not found'),
    parsePublicAccessBlock,
  ),
  ownershipControls: xml(
    actions('BucketOwnershipControls'),
    notFound('OwnershipControlsNotFoundError', 'The bucket ownership controls were not found'),
    checkOwnership,
  ),
  encryption: xml(
    actions('EncryptionConfiguration'),
    notFound(
      'ServerSideEncryptionConfigurationNotFoundError',
      'The server side encryption configuration was not found',
    ),
    checkEncryption,
  ),
  policy: {
    actions: actions('BucketPolicy', 's3:DeleteBucketPolicy'),
    contentType: 'application/json',
    missing: notFound('NoSuchBucketPolicy', 'The bucket policy does not exist'),
    check: checkBucketPolicy,
  },
};

/** What S3 gives a new bucket. */
export const newBucketDocuments = (): Record<string, string> => ({
  publicAccessBlock: BLOCK_ALL,
  ownershipControls: buildXml('OwnershipControls', { Rule: { ObjectOwnership: 'BucketOwnerEnforced' } }),
  encryption: buildXml('ServerSideEncryptionConfiguration', {
    Rule: {
      ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' },
      BucketKeyEnabled: false,
    },
  }),
});

/** Access control lists don't exist here, so no other ownership than the one without them. */
function checkOwnership(document: string): void {
  const [rule] = children(parseXml(document, 'OwnershipControls'), 'Rule');
  const ownership = rule && text(rule, 'ObjectOwnership');
  if (ownership === undefined) throw malformedXml();
  if (ownership !== 'BucketOwnerEnforced') throw notImplemented(`the object ownership ${ownership}`);
}

function checkEncryption(document: string): void {
  for (const rule of children(parseXml(document, 'ServerSideEncryptionConfiguration'), 'Rule')) {
    const [byDefault] = children(rule, 'ApplyServerSideEncryptionByDefault');
    const algorithm = byDefault && text(byDefault, 'SSEAlgorithm');
    if (algorithm === undefined) throw malformedXml();
    if (algorithm !== 'AES256') throw notImplemented(`default encryption with ${algorithm}`);
  }
}
