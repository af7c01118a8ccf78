/** An answer that is an error, as AWS words it: an HTTP status, a code and a message. */
export class AwsError extends Error {
  readonly status: number;
  readonly code: string;
  /** Further elements of S3's error document, in order. */
  readonly details: Record<string, string>;

  constructor(status: number, code: string, message: string, details: Record<string, string> = {}) {
    super(message);
    this.name = 'AwsError';
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** What this server doesn't do is refused by name, so that nobody takes a silence for an effect. */
export const notImplemented = (what: string) =>
  new AwsError(501, 'NotImplemented', `local-aws does not implement ${what}.`);

export const accessDenied = (message = 'Access Denied', details: Record<string, string> = {}) =>
  new AwsError(403, 'AccessDenied', message, details);

export const invalidArgument = (message: string, name: string, value: string) =>
  new AwsError(400, 'InvalidArgument', message, { ArgumentName: name, ArgumentValue: value });

export const invalidRequest = (message: string) => new AwsError(400, 'InvalidRequest', message);

export const malformedXml = () =>
  new AwsError(
    400,
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );

export const noSuchBucket = (bucket: string) =>
  new AwsError(404, 'NoSuchBucket', 'The specified bucket does not exist', { BucketName: bucket });

export const noSuchKey = (key: string) =>
  new AwsError(404, 'NoSuchKey', 'The specified key does not exist.', { Key: key });

export const noSuchUpload = (uploadId: string) =>
  new AwsError(
    404,
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    { UploadId: uploadId },
  );

export const preconditionFailed = (condition: string) =>
  new AwsError(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
    Condition: condition,
  });

export const entityTooLarge = (size: number, max: number) =>
  new AwsError(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', {
    ProposedSize: String(size),
    MaxSizeAllowed: String(max),
  });

export const entityTooSmall = (size: number, min: number) =>
  new AwsError(400, 'EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', {
    ProposedSize: String(size),
    MinSizeAllowed: String(min),
  });
