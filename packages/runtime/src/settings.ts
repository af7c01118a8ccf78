import { bool, str } from 'envalid';
import { httpUrl, postgresUrl } from './env.ts';

/** Variables that every process of ours reads, api and worker alike. */
export const serviceSettings = {
  NODE_ENV: str({
    choices: ['development', 'test', 'production'],
    default: 'development',
    desc: 'development, test or production',
  }),
  LOG_LEVEL: str({
    choices: ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    default: 'info',
    desc: 'least severe level that is logged',
  }),
  DATABASE_URL: postgresUrl({
    desc: 'PostgreSQL connection string',
    example: 'postgres://user:password@host:5432/images',
  }),
  AWS_REGION: str({ desc: 'region of the bucket and the queue', example: 'eu-central-1' }),
  S3_BUCKET: str({ desc: 'bucket that holds the images', example: 'my-images' }),
  S3_ENDPOINT: httpUrl({
    default: undefined,
    desc: 'S3 endpoint of our processes, when it is not AWS',
    example: 'http://127.0.0.1:4566',
  }),
  S3_FORCE_PATH_STYLE: bool({
    default: false,
    desc: 'address objects as host/bucket/key: for most S3-compatible stores',
  }),
};
