import { invalidRequest, malformedXml, notImplemented } from '../../errors.ts';
import { receiveText } from '../../payload/receive.ts';
import type { S3Call } from '../call.ts';
import { children, parseXml, text } from '../xml.ts';

/** S3's limit for one request. */
const MAX_KEYS = 1000;

export async function deleteObject({ services, bucket, request, response }: S3Call): Promise<void> {
  services.store.dropObject(bucket, request.key);
  response.writeHead(204).end();
}

/** Each key is allowed or refused by itself; the answer tells which. */
export async function deleteObjects(call: S3Call): Promise<void> {
  const { services, bucket, headers } = call;
  if (
    !Object.keys(headers).some((name) => name === 'content-md5' || /^x-amz-(checksum-|trailer$)/.test(name))
  ) {
    throw invalidRequest('Missing required header for this request: Content-MD5 OR x-amz-checksum-*');
  }
  const root = parseXml(await receiveText(call.body()), 'Delete');
  const entries = children(root, 'Object');
  if (entries.length === 0 || entries.length > MAX_KEYS) throw malformedXml();
  const deleted: { Key: string }[] = [];
  const errors: { Key: string; Code: string; Message: string }[] = [];
  for (const entry of entries) {
    const other = Object.keys(entry).find((name) => name !== 'Key');
    if (other !== undefined) throw notImplemented(`${other} of an object to delete`);
    const Key = text(entry, 'Key') ?? '';
    if (call.may('s3:DeleteObject', { key: Key })) {
      services.store.dropObject(bucket, Key);
      deleted.push({ Key });
    } else {
      errors.push({ Key, Code: 'AccessDenied', Message: 'Access Denied' });
    }
  }
  call.answer('DeleteResult', {
    Deleted: text(root, 'Quiet') === 'true' ? [] : deleted,
    Error: errors,
  });
}
