import { checkOrigins, type Deployment } from './deployment.ts';
import { PREFIXES } from './layout.ts';
import { bucketArn, objectsArn } from './names.ts';
import type { PolicyDocument, Statement } from './policy.ts';

/**
 * Who may do what with the bucket beyond what IAM gives our two roles: public images are read by browsers,
 * nothing else by anybody, and not even a permitted role may go round the rules for transport and encryption.
 *
 * The Referer lock stops hotlinking, not access: anybody can send any Referer, and native
 * apps send none. What must stay private lies under `private/`, which no anonymous request
 * reads whatever it sends.
 */
export const bucketPolicy = (deployment: Deployment): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [
    servePublicImages(deployment),
    denyAnonymous(deployment),
    denyCustomerKeys(deployment),
    ...(deployment.requireTls ? [denyPlainHttp(deployment)] : []),
    ...(deployment.account ? [denyOtherAccounts(deployment, deployment.account)] : []),
  ],
});

const servePublicImages = ({ bucket, origins, serving }: Deployment): Statement =>
  serving.mode === 'cloudfront'
    ? {
        Sid: 'AllowPublicImagesThroughCloudFront',
        Effect: 'Allow',
        Principal: { Service: 'cloudfront.amazonaws.com' },
        Action: 's3:GetObject',
        Resource: objectsArn(bucket, PREFIXES.public),
        Condition: { StringEquals: { 'aws:SourceArn': serving.distributionArn } },
      }
    : {
        Sid: 'AllowPublicImagesOnAllowedSites',
        Effect: 'Allow',
        Principal: '*',
        Action: 's3:GetObject',
        Resource: objectsArn(bucket, PREFIXES.public),
        Condition: { StringLike: { 'aws:Referer': checkOrigins(origins).map((origin) => `${origin}/*`) } },
      };

/** A signed request, a presigned URL and a form are all made by a principal; only a bare request has none. */
const denyAnonymous = ({ bucket }: Deployment): Statement => ({
  Sid: 'DenyAnonymousOnUntrustedAndPrivate',
  Effect: 'Deny',
  Principal: '*',
  Action: 's3:*',
  Resource: [objectsArn(bucket, PREFIXES.quarantine), objectsArn(bucket, PREFIXES.private)],
  Condition: { StringEquals: { 'aws:PrincipalType': 'Anonymous' } },
});

/**
 * An object encrypted with a key that only its writer knows could be neither read nor served: a way to hold images
 * to ransom. `*` matches where the header is there. AWS's examples say `Null: false`, which Ceph reads as
 * `Null: true`: it would deny every other upload.
 */
const denyCustomerKeys = ({ bucket }: Deployment): Statement => ({
  Sid: 'DenyCustomerProvidedKeys',
  Effect: 'Deny',
  Principal: '*',
  Action: 's3:PutObject',
  Resource: `${bucketArn(bucket)}/*`,
  Condition: { StringLike: { 's3:x-amz-server-side-encryption-customer-algorithm': '*' } },
});

const denyPlainHttp = ({ bucket }: Deployment): Statement => ({
  Sid: 'DenyPlainHttp',
  Effect: 'Deny',
  Principal: '*',
  Action: 's3:*',
  Resource: [bucketArn(bucket), `${bucketArn(bucket)}/*`],
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
});

/** `Null` leaves anonymous requests out, `PrincipalIsAWSService` CloudFront's: those have rules of their own. */
const denyOtherAccounts = ({ bucket }: Deployment, account: string): Statement => ({
  Sid: 'DenyOtherAccounts',
  Effect: 'Deny',
  Principal: '*',
  Action: 's3:*',
  Resource: [bucketArn(bucket), `${bucketArn(bucket)}/*`],
  Condition: {
    StringNotEquals: { 'aws:PrincipalAccount': account },
    Null: { 'aws:PrincipalAccount': 'false' },
    Bool: { 'aws:PrincipalIsAWSService': 'false' },
  },
});
