import { PREFIXES } from './layout.ts';
import { bucketArn, objectsArn } from './names.ts';
import type { PolicyDocument, Statement } from './policy.ts';

export type BucketPolicyInput = {
  bucket: string;
  /** Origins whose pages may show public images, e.g. `https://app.example.com`. */
  origins: string[];
  /** Refuse plain HTTP. Off only for an endpoint that has no TLS, such as the local one. */
  requireTls: boolean;
};

/**
 * Who may read what without credentials: public images, from pages of the allowed origins.
 *
 * The Referer lock stops hotlinking, not access: anybody can send any Referer, and native
 * apps send none. What must stay private lies under `private/`, which no anonymous request
 * reads whatever it sends.
 */
export const bucketPolicy = ({ bucket, origins, requireTls }: BucketPolicyInput): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [
    ...(requireTls ? [denyPlainHttp(bucket)] : []),
    {
      Sid: 'AllowPublicImagesOnAllowedSites',
      Effect: 'Allow',
      Principal: '*',
      Action: 's3:GetObject',
      Resource: objectsArn(bucket, PREFIXES.public),
      Condition: { StringLike: { 'aws:Referer': origins.map((origin) => `${origin}/*`) } },
    },
    {
      Sid: 'DenyAnonymousOnUntrustedAndPrivate',
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: [objectsArn(bucket, PREFIXES.quarantine), objectsArn(bucket, PREFIXES.private)],
      // A signed request, a presigned URL and a form are all made by a principal; only a bare request has none.
      Condition: { StringEquals: { 'aws:PrincipalType': 'Anonymous' } },
    },
  ],
});

const denyPlainHttp = (bucket: string): Statement => ({
  Sid: 'DenyPlainHttp',
  Effect: 'Deny',
  Principal: '*',
  Action: 's3:*',
  Resource: [bucketArn(bucket), `${bucketArn(bucket)}/*`],
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
});
