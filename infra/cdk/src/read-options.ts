import { type FlatOptions, optionSchema } from './option-schema.ts';
import type { Options } from './options.ts';

/** The options do not make a deployment; `problems` has a line for each key at fault. */
export class OptionsError extends Error {
  readonly problems: string[];
  constructor(problems: string[]) {
    super(
      `The options are not usable. Give each as -c key=value or in cdk.json's "context":\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    );
    this.name = 'OptionsError';
    this.problems = problems;
  }
}

/** Keys such as `@aws-cdk/core:flag` and `aws:cdk:…` are the CDK's own. */
const isOurs = (key: string): boolean => !/[:@]/.test(key);

/**
 * The deployment that a CDK context describes. An option set to nothing counts as not set.
 * @throws {OptionsError} with every mistake at once, each by its key
 */
export function readOptions(context: Record<string, unknown>): Options {
  const given = Object.entries(context).filter(([key, value]) => isOurs(key) && value !== '');
  const parsed = optionSchema.safeParse(Object.fromEntries(given));
  if (!parsed.success) {
    throw new OptionsError(
      parsed.error.issues.flatMap((issue) =>
        issue.code === 'unrecognized_keys'
          ? issue.keys.map((key) => `${key} is not an option`)
          : [`${issue.path[0]?.toString()} ${issue.message}`],
      ),
    );
  }
  const problems = conflicts(parsed.data);
  if (problems.length > 0) throw new OptionsError(problems);
  return group(parsed.data);
}

/** Options that only make sense together. */
const BUNDLES = [
  ['cdnDomain', 'cdnCertificateArn'],
  ['apiImage', 'workerImage', 'certificateArn'],
  ['jwtJwksUrl', 'jwtIssuer', 'jwtAudience'],
  ['vpcId', 'availabilityZones', 'publicSubnetIds', 'privateSubnetIds'],
] as const satisfies (keyof FlatOptions)[][];

function conflicts(flat: FlatOptions): string[] {
  const problems: string[] = [];
  for (const bundle of BUNDLES) {
    const missing = bundle.filter((key) => flat[key] === undefined);
    if (missing.length > 0 && missing.length < bundle.length) {
      problems.push(`${missing.join(', ')} not set: ${bundle.join(', ')} go together`);
    }
  }
  if (flat.jwtSecretArn && flat.jwtJwksUrl) {
    problems.push('jwtSecretArn and jwtJwksUrl are both set: tokens are verified by one or the other');
  }
  if (flat.jwtJwksUrl && !flat.vpcId && flat.natGateways === 0) {
    problems.push('natGateways is 0, so the API could not fetch jwtJwksUrl: set at least 1');
  }
  if (flat.mode === 'referer' && flat.cdnDomain) {
    problems.push('cdnDomain is set, but mode is referer: there is no distribution to give it to');
  }
  const { availabilityZones: zones, publicSubnetIds, privateSubnetIds } = flat;
  if (zones && (publicSubnetIds?.length !== zones.length || privateSubnetIds?.length !== zones.length)) {
    problems.push(
      'publicSubnetIds and privateSubnetIds must each have one subnet for each of availabilityZones',
    );
  }
  return problems;
}

const group = (flat: FlatOptions): Options => ({
  stackName: flat.stackName,
  account: flat.account,
  region: flat.region,
  bucketName: flat.bucketName,
  origins: flat.origins,
  mode: flat.mode,
  versioned: flat.versioned,
  queueName: flat.queueName ?? `${flat.bucketName}-originals`,
  imageTimeoutSeconds: flat.imageTimeoutSeconds,
  logRetentionDays: flat.logRetentionDays,
  alarmEmail: flat.alarmEmail,
  cdn: {
    customDomain:
      flat.cdnDomain && flat.cdnCertificateArn
        ? { name: flat.cdnDomain, certificateArn: flat.cdnCertificateArn }
        : undefined,
    priceClass: flat.priceClass,
  },
  services:
    flat.apiImage && flat.workerImage && flat.certificateArn
      ? {
          apiImage: flat.apiImage,
          workerImage: flat.workerImage,
          certificateArn: flat.certificateArn,
          migrateScript: flat.migrateScript,
          architecture: flat.architecture,
          apiMaxTasks: flat.apiMaxTasks,
          workerMaxTasks: flat.workerMaxTasks,
          backlogPerTask: flat.backlogPerTask,
          database: flat.databaseUrlSecretArn
            ? { urlSecretArn: flat.databaseUrlSecretArn }
            : { instance: flat.databaseInstance, multiAz: flat.databaseMultiAz },
          redisUrlSecretArn: flat.redisUrlSecretArn,
          jwt:
            flat.jwtJwksUrl && flat.jwtIssuer && flat.jwtAudience
              ? { jwksUrl: flat.jwtJwksUrl, issuer: flat.jwtIssuer, audience: flat.jwtAudience }
              : { secretArn: flat.jwtSecretArn },
          network:
            flat.vpcId && flat.availabilityZones && flat.publicSubnetIds && flat.privateSubnetIds
              ? {
                  vpcId: flat.vpcId,
                  availabilityZones: flat.availabilityZones,
                  publicSubnetIds: flat.publicSubnetIds,
                  privateSubnetIds: flat.privateSubnetIds,
                }
              : { cidr: flat.vpcCidr, maxAzs: flat.vpcMaxAzs, natGateways: flat.natGateways },
        }
      : undefined,
});
