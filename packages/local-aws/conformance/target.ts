import { deviations } from './deviations.ts';

export type Keys = { accessKeyId: string; secretAccessKey: string };

/** An S3 endpoint (path style) and what the suite may use there. */
export type Target = {
  endpoint: string;
  region: string;
  /** May do everything with buckets that it creates. */
  root: Keys;
  /** May do nothing but what a bucket policy gives it. */
  app: (Keys & { principal: string }) | undefined;
  /** SQS of the same account; without it, events are not checked. */
  sqsEndpoint: string | undefined;
  /** Whose named deviations from S3 to expect. */
  deviations: string | undefined;
};

/**
 * The endpoint that the environment names; undefined where it names none.
 * @throws {Error} naming the variables that are missing
 */
export function readTarget(env: NodeJS.ProcessEnv): Target | undefined {
  const endpoint = env.S3_CONFORMANCE_ENDPOINT;
  if (!endpoint) return undefined;
  const [accessKeyId, secretAccessKey] = [env.S3_CONFORMANCE_ACCESS_KEY, env.S3_CONFORMANCE_SECRET_KEY];
  if (!accessKeyId || !secretAccessKey) {
    throw new Error(
      'S3_CONFORMANCE_ENDPOINT needs S3_CONFORMANCE_ACCESS_KEY and S3_CONFORMANCE_SECRET_KEY of a user who may create buckets',
    );
  }
  const [appKey, appSecret, principal] = [
    env.S3_CONFORMANCE_APP_ACCESS_KEY,
    env.S3_CONFORMANCE_APP_SECRET_KEY,
    env.S3_CONFORMANCE_APP_PRINCIPAL,
  ];
  const named = env.S3_CONFORMANCE_DEVIATIONS || undefined;
  if (named && !(named in deviations)) {
    throw new Error(
      `S3_CONFORMANCE_DEVIATIONS must be one of ${Object.keys(deviations).join(', ')}, not "${named}"`,
    );
  }
  return {
    endpoint: endpoint.replace(/\/+$/, ''),
    region: env.S3_CONFORMANCE_REGION || 'us-east-1',
    root: { accessKeyId, secretAccessKey },
    app:
      appKey && appSecret && principal
        ? { accessKeyId: appKey, secretAccessKey: appSecret, principal }
        : undefined,
    sqsEndpoint: env.S3_CONFORMANCE_SQS_ENDPOINT || undefined,
    deviations: named,
  };
}
