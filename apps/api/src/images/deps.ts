import type { S3Client } from '@aws-sdk/client-s3';
import type { Db } from '@s3-image-app/db';
import type { Config } from '../config.ts';
import type { Links } from './links.ts';
import type { StatusWatch } from './watch-statuses.ts';

/** What the operations on images work with. */
export type ImagesDeps = {
  config: Config;
  db: Db;
  s3: S3Client;
  /** Signs for the endpoint that browsers see, which may be another than the one that `s3` talks to. */
  browserS3: S3Client;
  links: Links;
  statuses: StatusWatch;
};
