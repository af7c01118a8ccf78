import type { Config } from './config.ts';
import type { EmbeddedAws } from './embedded-aws.ts';
import type { AwsKeys } from './secrets.ts';

type Variables = NodeJS.ProcessEnv;
export type AppEnvironments = { api: Variables; worker: Variables };

/**
 * The environment of each app: ours, with what names the embedded services and with the app's own keys to them.
 * The worker gets nothing that tokens are made of, nor the API's way to Redis.
 */
export function appEnvironments(options: {
  env: Variables;
  config: Config;
  databaseUrl: string;
  /** Absent where the environment names bucket and queue; it then has credentials, too. */
  aws: EmbeddedAws | undefined;
  ports: { api: number; worker: number };
  origins: string[];
  /** Absent where an issuer elsewhere signs tokens. */
  jwtSecret: string | undefined;
}): AppEnvironments {
  const { env, config, databaseUrl, aws, ports, origins, jwtSecret } = options;
  const common = {
    // A profile or session of the user who runs us would mix with the keys to the embedded AWS.
    ...(aws ? without(env, /^AWS_/) : env),
    NODE_ENV: config.NODE_ENV,
    DATABASE_URL: databaseUrl,
  };
  return {
    api: {
      ...common,
      ...(aws ? accessTo(aws, aws.keys.api) : {}),
      ...(jwtSecret ? { JWT_SECRET: jwtSecret } : {}),
      ALLOWED_ORIGINS: origins.join(','),
      PORT: String(ports.api),
    },
    worker: {
      ...without(common, /^(JWT|REDIS)_/),
      ...(aws ? accessTo(aws, aws.keys.worker) : {}),
      ...(aws ? { SQS_QUEUE_URL: aws.queueUrl, SQS_ENDPOINT: aws.endpoint } : {}),
      WORKER_HEALTH_PORT: String(ports.worker),
    },
  };
}

const without = (env: Variables, names: RegExp): Variables =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !names.test(name)));

const accessTo = (aws: EmbeddedAws, keys: AwsKeys): Variables => ({
  AWS_REGION: aws.region,
  AWS_ACCESS_KEY_ID: keys.accessKeyId,
  AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
  S3_BUCKET: aws.bucket,
  S3_ENDPOINT: aws.endpoint,
  S3_FORCE_PATH_STYLE: 'true',
});
