import type { ServerResponse } from 'node:http';
import { UNSIGNED_PAYLOAD } from '../auth/authenticate.ts';
import { reportWrite } from '../events/send.ts';
import { receive } from '../payload/receive.ts';
import { S3Call, type Services } from '../s3/call.ts';
import { keptHeaders, quoted } from '../s3/object-headers.ts';
import { objectUrl, plainHeaders, type S3Request } from '../s3/request.ts';
import { refuseUnsupported } from '../s3/unsupported.ts';
import { buildXml } from '../s3/xml.ts';
import type { StoredObject } from '../store/types.ts';
import { checkConditions } from './check-conditions.ts';
import { type Form, parseForm } from './parse-form.ts';
import { parsePolicy } from './parse-policy.ts';
import { missingField, verifySignature } from './verify-signature.ts';

/** S3's limit for one upload; a policy without content-length-range allows as much. */
const MAX_BYTES = 5 * 1024 ** 3;

/** PostObject: a browser's form, signed beforehand by somebody who may put objects. */
export async function postObject(
  services: Services,
  request: S3Request,
  response: ServerResponse,
): Promise<void> {
  const bucket = services.store.bucket(request.bucket);
  const form = await parseForm(request.incoming);
  try {
    if (form.fields.key === undefined || form.fields.key === '') throw missingField('key');
    const key = expandFilename(form.fields.key, form.filename);
    const caller = verifySignature(form.fields, services);
    const limits = checkPolicy(form, bucket.name, key, caller !== undefined);
    const headers = { ...plainHeaders(request.incoming), ...form.fields };
    const call = new S3Call(services, request, response, { caller, payloadHash: UNSIGNED_PAYLOAD }, headers);
    call.require('s3:PutObject', { key });
    refuseUnsupported(form.fields);

    const kept = keptHeaders(headerSafe(form.fields));
    const stored = await receive(
      services.store,
      { bytes: form.file, headers: form.fields },
      { min: limits.min, max: Math.min(limits.max, MAX_BYTES) },
    );
    const object: StoredObject = { key, headers: kept, ...stored };
    await wholeForm(form, services, object);
    services.store.putObject(bucket, object);
    reportWrite(services.queues, bucket, 'ObjectCreated:Post', object, call.source);
    answer(request, response, bucket.name, object, form.fields);
  } catch (error) {
    form.discard();
    throw error;
  }
}

/** A form without a policy is held to nothing but what anybody may do with the bucket. */
function checkPolicy(form: Form, bucket: string, key: string, signed: boolean): { min: number; max: number } {
  if (!signed) return { min: 0, max: MAX_BYTES };
  return checkConditions(
    parsePolicy(form.fields.policy ?? ''),
    { ...form.fields, bucket, key },
    form.names,
    Date.now(),
  );
}

/** `${filename}` in a key stands for the file's name. Where the client gave none, S3 leaves it as it stands. */
const expandFilename = (key: string, filename: string | undefined): string =>
  filename === undefined ? key : key.replace(/\$\{filename\}/g, () => filename);

/** A connection that is cut behind the file, or a body that isn't a form to its end, leaves nothing. */
async function wholeForm(form: Form, services: Services, object: StoredObject): Promise<void> {
  try {
    await form.ended;
  } catch (error) {
    services.store.dropBlob(object.blob);
    throw error;
  }
}

/** Form fields are UTF-8, headers are not: S3 encodes metadata as RFC 2047 says, and blanks what else can't stand. */
function headerSafe(fields: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      if (/^[\x20-\x7e\t]*$/.test(value)) return [name, value];
      const encoded = `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`;
      return [name, name.startsWith('x-amz-meta-') ? encoded : value.replace(/[^\x20-\x7e]/gu, ' ')];
    }),
  );
}

function answer(
  request: S3Request,
  response: ServerResponse,
  bucket: string,
  object: StoredObject,
  fields: Record<string, string>,
): void {
  const ETag = quoted(object.etag);
  const Location = objectUrl(request.host, bucket, object.key);
  const headers = { ETag, Location, ...object.checksums };
  const redirect = URL.parse(fields.success_action_redirect ?? '');
  if (redirect) {
    for (const [name, value] of Object.entries({ bucket, key: object.key, etag: ETag })) {
      redirect.searchParams.append(name, value);
    }
    response.writeHead(303, { ...headers, Location: redirect.href }).end();
    return;
  }
  switch (fields.success_action_status) {
    case '200':
      response.writeHead(200, headers).end();
      return;
    case '201':
      response
        .writeHead(201, { ...headers, 'Content-Type': 'application/xml' })
        .end(buildXml('PostResponse', { Location, Bucket: bucket, Key: object.key, ETag }, ''));
      return;
    default:
      response.writeHead(204, headers).end();
  }
}
