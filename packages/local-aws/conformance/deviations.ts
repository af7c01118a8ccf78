/**
 * Where an implementation is known not to do what S3 does: the behaviour's name, and why. Such a behaviour is
 * run all the same and must fail; one that begins to hold fails the run, and its line here is to be removed.
 */
export const deviations: Record<string, Record<string, string>> = {
  /** Ceph 18.2.7's radosgw. */
  'ceph-rgw': {
    // Bucket policies
    'a request without a signature is refused by a Deny of anonymous principals, and signed ones are not':
      'knows no aws:PrincipalType',
    'a request without a signature without a Referer matches StringNotLike':
      'a missing key satisfies no operator',
    'a request without a signature over plain HTTP is refused where the policy demands TLS':
      'a plain request has no aws:SecureTransport instead of a false one',
    'a request without a signature is refused by RestrictPublicBuckets even where the policy allows it':
      'keeps the setting and applies it to ACLs only',
    'a bucket policy that is no policy is refused as MalformedPolicy': 'calls it InvalidArgument',
    'a bucket policy for another bucket is refused as MalformedPolicy': 'takes any resource',
    'a user who has nothing but a bucket policy deletes of several keys those that it may, and is told of the others':
      'asks for permission on the bucket itself',
    // Buckets
    'a bucket lies in the region of its endpoint': 'its only region is called default',
    'a new bucket blocks everything public': 'blocks nothing by default',
    'a new bucket takes no public policy': 'blocks nothing by default',
    'a new bucket belongs to its owner with all that is put there': 'has no ownership controls',
    'a new bucket encrypts by default': 'has no default encryption',
    // Conditions
    'PUT with If-Match replaces that version only': 'compares the quoted tag with the bare one',
    'PUT with If-Match of an object that is not there is 404': 'is 412',
    'CopyObject with x-amz-copy-source-if-none-match copies another version only': 'is 304',
    'CopyObject with x-amz-copy-source-if-modified-since copies what has changed': 'is 304',
    'CompleteMultipartUpload with If-None-Match: * creates, and replaces nothing': 'ignores conditions',
    'CompleteMultipartUpload with If-Match replaces that version only': 'ignores conditions',
    // CORS
    'a preflight is answered * where any origin is allowed': 'names the origin',
    'a preflight is refused as AccessForbidden for another origin, method or header': 'calls it AccessDenied',
    // Multipart uploads
    'to complete a multipart upload is refused with its parts out of order': 'puts them in order',
    'to complete a multipart upload is refused after it was aborted': 'is 500 InternalError',
    'a part has a number from 1 to 10,000': 'takes any number',
    // Checksums
    'a part is refused where its checksum is wrong': 'compares no x-amz-checksum',
    'a digest of an upload x-amz-checksum-sha256 is kept where it is right': 'keeps no x-amz-checksum',
    'a digest of an upload x-amz-checksum-sha256 is refused where it is wrong': 'compares no x-amz-checksum',
    'a digest in a form x-amz-checksum-sha256 is kept where it is right': 'keeps no x-amz-checksum',
    'a digest in a form x-amz-checksum-sha256 is refused where it is wrong': 'compares no x-amz-checksum',
    'a digest in a form x-amz-checksum-sha256 is refused where it can be none': 'compares no x-amz-checksum',
    'a digest in a form Content-MD5 is refused where it is wrong': 'compares it in PUT only',
    'a body in aws-chunked encoding is refused where its trailing checksum is wrong':
      'compares no x-amz-checksum',
    'a body in aws-chunked encoding does not become the object’s Content-Encoding': 'keeps the encoding',
    // Forms
    'a form that meets its policy keeps Cache-Control and Content-Disposition':
      'checks them and forgets them',
    'a form that meets its policy is answered 204 with its ETag and Location': 'has neither in a 204',
    'a form that meets its policy is redirected to the query that it asks for': 'begins a second query',
    'a form that breaks its policy is refused, and nothing is stored: one of several content types does not start as the policy says':
      'reads no list in Content-Type',
    'the size of a form’s file is refused before a body that is too long has all been sent':
      'reads what was announced first',
    'the signature of a form is refused as SignatureDoesNotMatch where it was changed':
      'calls it AccessDenied',
    'the signature of a form of an unknown access key is refused as InvalidAccessKeyId':
      'calls it AccessDenied',
    'the signature of a form for another region is refused': 'takes any region',
    'the policy of a form is refused with a range below nothing': 'takes a negative number',
    'the policy of a form is refused as InvalidPolicyDocument': 'calls it InvalidArgument',
    'a form is refused that has more than 20 KB of fields before the file': 'has no limit',
    'a form is refused that is not multipart/form-data': 'is 400 InvalidArgument',
    'a form is refused that has no boundary': 'calls it InvalidArgument',
    // Signatures
    'a signed request is refused with x-amz- headers that were not signed': 'takes them',
    'a presigned URL is refused with x-amz- headers that were not signed': 'takes them',
  },
};
