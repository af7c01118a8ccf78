export const bucketArn = (bucket: string): string => `arn:aws:s3:::${bucket}`;
export const objectsArn = (bucket: string, prefix: string): string => `arn:aws:s3:::${bucket}/${prefix}*`;
export const queueArn = (queue: { name: string; region: string; account: string }): string =>
  `arn:aws:sqs:${queue.region}:${queue.account}:${queue.name}`;
