import { ACCOUNT } from '../../auth/users.ts';
import { newBucketDocuments } from '../../bucket/documents.ts';
import { AwsError } from '../../errors.ts';
import { receiveText } from '../../payload/receive.ts';
import type { S3Call } from '../call.ts';
import { parseXml, text } from '../xml.ts';

export async function listBuckets(call: S3Call): Promise<void> {
  const Bucket = call.services.store
    .buckets()
    .map(({ name, createdAt }) => ({ Name: name, CreationDate: createdAt }));
  call.answer('ListAllMyBucketsResult', { Owner: { ID: ACCOUNT }, Buckets: { Bucket } });
}

/** docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html, without the reserved prefixes. */
const BUCKET_NAME = /^(?!\d+\.\d+\.\d+\.\d+$)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

export async function createBucket(call: S3Call): Promise<void> {
  const { services, request, response } = call;
  const name = request.bucket;
  if (!BUCKET_NAME.test(name)) {
    throw new AwsError(400, 'InvalidBucketName', 'The specified bucket is not valid.', { BucketName: name });
  }
  const body = await receiveText(call.body());
  checkLocation(
    body === '' ? undefined : text(parseXml(body, 'CreateBucketConfiguration'), 'LocationConstraint'),
    services.region,
  );
  if (!services.store.find(name)) services.store.createBucket(name, newBucketDocuments());
  else if (services.region !== 'us-east-1') {
    // In its oldest region S3 takes a second creation for success.
    throw new AwsError(
      409,
      'BucketAlreadyOwnedByYou',
      'Your previous request to create the named bucket succeeded and you already own it.',
      { BucketName: name },
    );
  }
  response.writeHead(200, { Location: `/${name}` }).end();
}

/** A bucket lies in the region of the endpoint; us-east-1 is the one that must not be named. */
function checkLocation(location: string | undefined, region: string): void {
  if (location === (region === 'us-east-1' ? undefined : region)) return;
  throw location === undefined || region !== 'us-east-1'
    ? new AwsError(
        400,
        'IllegalLocationConstraintException',
        `The ${location ?? 'unspecified'} location constraint is incompatible for the region specific endpoint this request was sent to.`,
      )
    : new AwsError(400, 'InvalidLocationConstraint', 'The specified location-constraint is not valid', {
        LocationConstraint: location,
      });
}

export async function headBucket({ services, bucket: _exists, response }: S3Call): Promise<void> {
  response.writeHead(200, { 'x-amz-bucket-region': services.region }).end();
}

export async function deleteBucket({ services, bucket, response }: S3Call): Promise<void> {
  if (bucket.objects.size > 0) {
    throw new AwsError(409, 'BucketNotEmpty', 'The bucket you tried to delete is not empty', {
      BucketName: bucket.name,
    });
  }
  services.store.dropBucket(bucket);
  response.writeHead(204).end();
}

/** us-east-1 is written as nothing. */
export async function getBucketLocation(call: S3Call): Promise<void> {
  const { region } = call.services;
  call.answer('LocationConstraint', region === 'us-east-1' ? '' : region);
}

/** Versioning can't be turned on here, so every bucket is as one where it never was. */
export async function getBucketVersioning(call: S3Call): Promise<void> {
  call.answer('VersioningConfiguration', {});
}
