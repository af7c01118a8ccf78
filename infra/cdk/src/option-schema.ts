import { checkOrigins } from '@s3-image-app/infra';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { z } from 'zod';

// The CDK's command line passes strings, cdk.json passes JSON: each reader takes both.

const text = (shape: RegExp, message: string) =>
  z
    .string({ error: (issue) => (issue.input === undefined ? `is not set: it ${message}` : message) })
    .regex(shape, message);

const flag = z.preprocess(
  (input) => (input === 'true' ? true : input === 'false' ? false : input),
  z.boolean({ error: 'must be true or false' }),
);

const whole = (min: number, max: number) => {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.preprocess(
    (input) => (typeof input === 'string' && /^\d+$/.test(input) ? Number(input) : input),
    z.int({ error }).min(min, error).max(max, error),
  );
};

const list = (item: z.ZodType<string>) =>
  z.preprocess(
    (input) => (typeof input === 'string' ? input.split(',').map((part) => part.trim()) : input),
    z.array(item, { error: 'must be a list, separated by commas' }),
  );

const origins = z
  .preprocess(
    (input) => (typeof input === 'string' ? input.split(',').map((part) => part.trim()) : (input ?? [])),
    z.array(z.string(), { error: 'must be origins, separated by commas' }),
  )
  .superRefine((value, context) => {
    try {
      checkOrigins(value);
    } catch (error) {
      context.addIssue({ code: 'custom', message: `is not usable: ${(error as Error).message}` });
    }
  });

/** A moving tag would make a rollback deploy the very image that it flees from. */
const image = text(
  /^[^\s@]+(:(?!latest$)[\w][\w.-]{0,127}|@sha256:[0-9a-f]{64})$/,
  'must name an image with a tag other than latest, or a digest, e.g. 123456789012.dkr.ecr.eu-central-1.amazonaws.com/api:1.4.0',
);

const secretArn = text(
  /^arn:aws:secretsmanager:[a-z0-9-]+:\d{12}:secret:.+-[A-Za-z0-9]{6}$/,
  'must be the whole ARN of a secret, with the six characters at its end',
);

const retentionDays = new Set(Object.values(RetentionDays).filter((value) => typeof value === 'number'));

/** Every option by its context key, flat, as `-c key=value` gives them. */
export const optionSchema = z.strictObject({
  stackName: text(
    /^(?=.{1,50}$)[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$/,
    'must be up to 50 letters, digits and single hyphens',
  ).default('S3ImageApp'),
  account: text(/^\d{12}$/, 'must be an AWS account id of 12 digits').optional(),
  region: text(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be an AWS region, e.g. eu-central-1').optional(),

  // Dots are left out: S3's certificate does not cover `a.b.s3.amazonaws.com`, and SQS names hold none.
  bucketName: text(
    /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
    'must be 3 to 63 lower-case letters, digits and hyphens, e.g. example-images',
  ),
  origins,
  mode: z.enum(['cloudfront', 'referer'], { error: 'must be cloudfront or referer' }).default('cloudfront'),
  versioned: flag.default(false),
  queueName: text(
    /^[A-Za-z0-9_-]{1,60}$/,
    'must be up to 60 letters, digits, hyphens and underscores',
  ).optional(),
  imageTimeoutSeconds: whole(1, 3600).default(30),
  logRetentionDays: whole(1, 3653)
    .refine(
      (days) => retentionDays.has(days),
      `must be a number of days that CloudWatch Logs knows: ${[...retentionDays].join(', ')}`,
    )
    .default(RetentionDays.ONE_MONTH),
  alarmEmail: text(/^[^\s@]+@[^\s@]+$/, 'must be an e-mail address').optional(),

  cdnDomain: text(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'must be a host name, e.g. images.example.com').optional(),
  cdnCertificateArn: text(
    /^arn:aws:acm:us-east-1:\d{12}:certificate\/.+$/,
    'must be the ARN of a certificate in us-east-1: CloudFront takes them from there only',
  ).optional(),
  priceClass: z.enum(['100', '200', 'all'], { error: 'must be 100, 200 or all' }).default('100'),

  apiImage: image.optional(),
  workerImage: image.optional(),
  certificateArn: text(
    /^arn:aws:acm:[a-z0-9-]+:\d{12}:certificate\/.+$/,
    "must be the ARN of a certificate in the stack's region",
  ).optional(),
  migrateScript: text(/^\S+$/, 'must be the path of a script inside the API image').default(
    'packages/db/src/cli.ts',
  ),
  architecture: z.enum(['x86_64', 'arm64'], { error: 'must be x86_64 or arm64' }).default('x86_64'),
  apiMaxTasks: whole(1, 100).default(4),
  workerMaxTasks: whole(1, 100).default(4),
  backlogPerTask: whole(1, 10_000).default(30),

  databaseUrlSecretArn: secretArn.optional(),
  databaseInstance: text(/^[a-z0-9]+\.[a-z0-9]+$/, 'must be an instance class, e.g. t4g.small').default(
    't4g.small',
  ),
  databaseMultiAz: flag.default(true),

  redisUrlSecretArn: secretArn.optional(),

  jwtSecretArn: secretArn.optional(),
  jwtJwksUrl: text(/^https:\/\/\S+$/, 'must be a URL that starts with https://').optional(),
  jwtIssuer: text(/\S/, 'must be the `iss` of the tokens').optional(),
  jwtAudience: text(/\S/, 'must be the `aud` of the tokens').optional(),

  vpcCidr: text(/^\d+\.\d+\.\d+\.\d+\/\d+$/, 'must be an address range, e.g. 10.0.0.0/16').default(
    '10.0.0.0/16',
  ),
  vpcMaxAzs: whole(2, 4).default(2),
  natGateways: whole(0, 4).default(1),
  vpcId: text(/^vpc-([0-9a-f]{8}|[0-9a-f]{17})$/, 'must be the id of a VPC').optional(),
  availabilityZones: list(z.string()).optional(),
  publicSubnetIds: list(text(/^subnet-([0-9a-f]{8}|[0-9a-f]{17})$/, 'must be ids of subnets')).optional(),
  privateSubnetIds: list(text(/^subnet-([0-9a-f]{8}|[0-9a-f]{17})$/, 'must be ids of subnets')).optional(),
});

export type FlatOptions = z.output<typeof optionSchema>;
