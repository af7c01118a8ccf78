import { AwsError, notImplemented } from '../errors.ts';
import type { Operation } from './operation.ts';
import { documentOperations, getNotification, putNotification } from './operations/bucket-documents.ts';
import {
  createBucket,
  deleteBucket,
  getBucketLocation,
  getBucketVersioning,
  headBucket,
  listBuckets,
} from './operations/buckets.ts';
import { completeMultipartUpload } from './operations/complete-multipart.ts';
import { copyObject } from './operations/copy-object.ts';
import { deleteObject, deleteObjects } from './operations/delete-objects.ts';
import { getObject } from './operations/get-object.ts';
import { listObjectsV1, listObjectsV2 } from './operations/list-objects.ts';
import {
  abortMultipartUpload,
  createMultipartUpload,
  listMultipartUploads,
  listParts,
  uploadPart,
} from './operations/multipart.ts';
import { putObject } from './operations/put-object.ts';
import type { S3Request } from './request.ts';

/** Method, what it is on, and which subresource or header makes it another operation. */
const OPERATIONS: Record<string, Operation> = {
  'GET service': { action: 's3:ListAllMyBuckets', run: listBuckets },

  'PUT bucket': { action: 's3:CreateBucket', creates: true, run: createBucket },
  'HEAD bucket': { action: 's3:ListBucket', run: headBucket },
  'DELETE bucket': { action: 's3:DeleteBucket', run: deleteBucket },
  'GET bucket': { action: 's3:ListBucket', run: listObjectsV1 },
  'GET bucket list-type': { action: 's3:ListBucket', run: listObjectsV2 },
  'GET bucket location': { action: 's3:GetBucketLocation', run: getBucketLocation },
  'GET bucket versioning': { action: 's3:GetBucketVersioning', run: getBucketVersioning },
  'GET bucket uploads': { action: 's3:ListBucketMultipartUploads', run: listMultipartUploads },
  'GET bucket notification': { action: 's3:GetBucketNotification', run: getNotification },
  'PUT bucket notification': { action: 's3:PutBucketNotification', run: putNotification },
  'POST bucket delete': { run: deleteObjects },
  ...documentOperations,

  'GET object': { action: 's3:GetObject', run: getObject },
  'HEAD object': { action: 's3:GetObject', run: getObject },
  'PUT object': { action: 's3:PutObject', run: putObject },
  'PUT object x-amz-copy-source': { action: 's3:PutObject', run: copyObject },
  'DELETE object': { action: 's3:DeleteObject', run: deleteObject },

  'POST object uploads': { action: 's3:PutObject', run: createMultipartUpload },
  'PUT object uploadId': { action: 's3:PutObject', run: uploadPart },
  'POST object uploadId': { action: 's3:PutObject', run: completeMultipartUpload },
  'DELETE object uploadId': { action: 's3:AbortMultipartUpload', run: abortMultipartUpload },
  'GET object uploadId': { action: 's3:ListMultipartUploadParts', run: listParts },
};

/** Query parameters that make a request another operation. Others (x-id, say) change nothing. */
const SUBRESOURCES = [
  'accelerate',
  'acl',
  'analytics',
  'attributes',
  'cors',
  'delete',
  'encryption',
  'intelligent-tiering',
  'inventory',
  'legal-hold',
  'lifecycle',
  'list-type',
  'location',
  'logging',
  'metadataConfiguration',
  'metadataTable',
  'metrics',
  'notification',
  'object-lock',
  'ownershipControls',
  'policy',
  'policyStatus',
  'publicAccessBlock',
  'renameObject',
  'replication',
  'requestPayment',
  'restore',
  'retention',
  'select',
  'session',
  'tagging',
  'torrent',
  'uploadId',
  'uploads',
  'versionId',
  'versioning',
  'versions',
  'website',
];

/** @throws {AwsError} NotImplemented for an operation that S3 has and this server hasn't, MethodNotAllowed else */
export function findOperation(request: S3Request): Operation {
  const { method, bucket, key, query, incoming } = request;
  const on = bucket === '' ? 'service' : key === '' ? 'bucket' : 'object';
  const copies = method === 'PUT' && incoming.headers['x-amz-copy-source'] !== undefined;
  const details = [
    ...SUBRESOURCES.filter((name) => query.has(name)),
    ...(copies ? ['x-amz-copy-source'] : []),
    // Of a part that is read; of one that is written, uploadId says enough.
    ...(query.has('partNumber') && !query.has('uploadId') ? ['partNumber'] : []),
  ];
  const operation = OPERATIONS[[method, on, ...details].join(' ')];
  if (operation) return operation;
  if (details.length > 0) throw notImplemented(`${method} of ${on} with ${details.join(' and ')}`);
  throw new AwsError(405, 'MethodNotAllowed', 'The specified method is not allowed against this resource.', {
    Method: method,
    ResourceType: on.toUpperCase(),
  });
}
