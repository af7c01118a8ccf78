import type { ServerResponse } from 'node:http';
import type { Authentication } from '../auth/authenticate.ts';
import { isAllowed } from '../auth/authorize.ts';
import type { Context } from '../auth/condition-keys.ts';
import type { Access, Caller, Users } from '../auth/users.ts';
import { bucketArn, effectivePolicy, restrictsPublic } from '../bucket/policy.ts';
import { accessDenied, noSuchKey } from '../errors.ts';
import type { EventSource } from '../events/record.ts';
import { type Body, bodyOf } from '../payload/body.ts';
import type { Queues } from '../sqs/queues.ts';
import type { Store } from '../store/store.ts';
import type { Bucket, StoredObject } from '../store/types.ts';
import { headersOf, type S3Request } from './request.ts';
import { type Answer, buildXml } from './xml.ts';

/** What every request is served from. */
export type Services = {
  store: Store;
  queues: Queues;
  users: Users;
  region: string;
  log: (line: string) => void;
  onAccess: (access: Access) => void;
};

type Target = { bucket?: string; key?: string };

/** One S3 request by a caller who is known, and its answer. */
export class S3Call {
  readonly services: Services;
  readonly request: S3Request;
  readonly response: ServerResponse;
  readonly caller: Caller;
  /** Lower-case; of a presigned URL with those in its query, of a form with its fields. */
  readonly headers: Record<string, string>;
  readonly #payloadHash: string;

  constructor(
    services: Services,
    request: S3Request,
    response: ServerResponse,
    { caller, payloadHash }: Authentication,
    headers = headersOf(request),
  ) {
    this.services = services;
    this.request = request;
    this.response = response;
    this.caller = caller;
    this.headers = headers;
    this.#payloadHash = payloadHash;
  }

  /** @throws {AwsError} NoSuchBucket */
  get bucket(): Bucket {
    return this.services.store.bucket(this.request.bucket);
  }

  body(): Body {
    return bodyOf(this.request, this.#payloadHash);
  }

  /** Whether the caller may do what it asks for with the request's bucket or an object in it. */
  may(action: string, target: Target = this.request): boolean {
    const allowed = this.#could(action, target);
    this.services.onAccess({
      user: this.caller?.name,
      action,
      resource: this.#resource(target),
      allowed,
    });
    return allowed;
  }

  /** Whether the caller might do something, were it to ask for it. */
  #could(action: string, target: Target): boolean {
    const { bucket = this.request.bucket } = target;
    const found = this.services.store.find(bucket);
    const policy = found && effectivePolicy(found);
    const restricted = !this.caller && found && policy && restrictsPublic(found, policy);
    // The account's own administrator can always mend a bucket policy that has locked everybody out.
    if (/^s3:(Get|Put|Delete)BucketPolicy$/.test(action) && this.caller && !this.caller.policy) return true;
    return isAllowed(
      this.caller,
      {
        action,
        resource: this.#resource(target),
        context: this.#context(action),
      },
      restricted ? undefined : policy,
    );
  }

  #resource({ bucket = this.request.bucket, key = '' }: Target): string {
    return bucketArn(bucket || '*') + (key === '' ? '' : `/${key}`);
  }

  /** @throws {AwsError} AccessDenied */
  require(action: string, target?: Target): void {
    if (!this.may(action, target)) throw accessDenied();
  }

  /**
   * The object of this key, for a caller who may read it.
   * @throws {AwsError} NoSuchKey, or AccessDenied for a caller who may not learn which keys there are
   */
  object(bucket: Bucket, key: string): StoredObject {
    const object = bucket.objects.get(key);
    if (object) return object;
    throw this.#could('s3:ListBucket', { bucket: bucket.name }) ? noSuchKey(key) : accessDenied();
  }

  get source(): EventSource {
    return {
      caller: this.caller,
      ip: this.request.incoming.socket.remoteAddress ?? '',
      requestId: this.request.id,
      region: this.services.region,
    };
  }

  /** Answers 200 with an XML document. */
  answer(root: string, content: Answer): void {
    this.response.writeHead(200, { 'Content-Type': 'application/xml' }).end(buildXml(root, content));
  }

  #context(action: string): Context {
    const context: Context = { 'aws:securetransport': 'false' };
    const set = (name: string, value: string | null | undefined) => {
      if (value !== undefined && value !== null) context[name] = value;
    };
    set('aws:referer', this.headers.referer);
    for (const name of ['x-amz-server-side-encryption', 'x-amz-server-side-encryption-customer-algorithm']) {
      set(`s3:${name}`, this.headers[name]);
    }
    if (this.request.method === 'PUT' || this.request.method === 'POST') {
      set('s3:if-match', this.headers['if-match']);
      set('s3:if-none-match', this.headers['if-none-match']);
    }
    // Only a listing has a prefix: whether a missing key may be told apart is asked without one, as on S3.
    if (action === 's3:ListBucket' && this.request.key === '') {
      set('s3:prefix', this.request.query.get('prefix'));
      set('s3:delimiter', this.request.query.get('delimiter'));
    }
    return context;
  }
}
