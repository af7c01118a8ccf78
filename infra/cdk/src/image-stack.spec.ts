import {
  apiPolicy,
  bucketPolicy,
  corsRules,
  deadLetterQueueAttributes,
  deadLetterQueuePolicy,
  lifecycleRules,
  notificationConfiguration,
  publicAccessBlock,
  queueArn,
  queueAttributes,
  queuePolicy,
  type Serving,
  workerPolicy,
} from '@s3-image-app/infra';
import { describe, expect, it } from 'vitest';
import { ACCOUNT, FULL, MINIMAL, properties, REGION, synthesize } from './test-context.ts';

// Account and region are named, so that infra's documents can be compared as they are.
const context = { ...MINIMAL, account: ACCOUNT, region: REGION };
const bucket = MINIMAL.bucketName;
const origins = [MINIMAL.origins];
const arn = queueArn({ name: `${bucket}-originals`, region: REGION, account: ACCOUNT });

/** S3's own bucket, not the one for logs. */
const imageBucket = (overrides: Record<string, unknown> = {}) =>
  properties(synthesize({ ...context, ...overrides }), 'AWS::S3::Bucket', 'Images');

describe('the bucket', () => {
  const policyFor = (serving: Serving) =>
    bucketPolicy({ bucket, region: REGION, account: ACCOUNT, origins, serving, requireTls: true });

  it('has the policy of infra/ in Referer mode, to the letter', () => {
    const template = synthesize({ ...context, mode: 'referer' });
    const { PolicyDocument } = properties(template, 'AWS::S3::BucketPolicy', 'Images');
    expect(PolicyDocument).toEqual(policyFor({ mode: 'referer' }));
    template.resourceCountIs('AWS::CloudFront::Distribution', 0);
  });

  it('has the policy of infra/ in CloudFront mode, which names the distribution', () => {
    const template = synthesize(context);
    const [distribution] = Object.keys(template.findResources('AWS::CloudFront::Distribution'));
    const { PolicyDocument } = properties(template, 'AWS::S3::BucketPolicy', 'Images');
    const expected = JSON.parse(
      JSON.stringify(policyFor({ mode: 'cloudfront', distributionArn: 'DISTRIBUTION' })),
      (_, value) =>
        value === 'DISTRIBUTION'
          ? {
              'Fn::Join': ['', [`arn:aws:cloudfront::${ACCOUNT}:distribution/`, { Ref: distribution }]],
            }
          : value,
    );
    expect(PolicyDocument).toEqual(expected);
  });

  it('has no second policy that a construct would add', () => {
    const policies = Object.values(synthesize(FULL).findResources('AWS::S3::BucketPolicy'));
    expect(policies.filter(({ Properties }) => Properties.Bucket === bucket)).toHaveLength(1);
  });

  it.each(['cloudfront', 'referer'] as const)('blocks public access as %s mode allows', (mode) => {
    expect(imageBucket({ mode }).PublicAccessBlockConfiguration).toEqual(publicAccessBlock(mode));
  });

  it('is encrypted, and without access control lists', () => {
    expect(imageBucket()).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: true },
        ],
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    });
  });

  it('has the CORS rules of infra/', () => {
    const { CorsRules } = imageBucket().CorsConfiguration as { CorsRules: Record<string, unknown>[] };
    expect(
      CorsRules.map(({ Id, ExposedHeaders, MaxAge, ...rest }) => ({
        ...rest,
        ID: Id,
        ExposeHeaders: ExposedHeaders,
        MaxAgeSeconds: MaxAge,
      })),
    ).toEqual(corsRules(origins));
  });

  it.each([false, true])('has the lifecycle of infra/ with versioned %s, nothing left out', (versioned) => {
    const resource = imageBucket({ versioned });
    const { Rules } = resource.LifecycleConfiguration as { Rules: Record<string, unknown>[] };
    expect(
      Rules.map(({ Id, Prefix, ExpirationInDays, ExpiredObjectDeleteMarker, ...rest }) => ({
        ...rest,
        ID: Id,
        Filter: { Prefix },
        ...(ExpirationInDays ? { Expiration: { Days: ExpirationInDays } } : {}),
        ...(ExpiredObjectDeleteMarker ? { Expiration: { ExpiredObjectDeleteMarker } } : {}),
      })),
    ).toEqual(lifecycleRules({ versioned }));
    expect(resource.VersioningConfiguration).toEqual(versioned ? { Status: 'Enabled' } : undefined);
  });

  it('reports what infra/ says to the queue, once the queue takes its reports', () => {
    const template = synthesize(context);
    const [queue] = Object.keys(template.findResources('AWS::SQS::Queue')).filter((id) =>
      id.startsWith('OriginalsQueue'),
    );
    const [expected] = notificationConfiguration('QUEUE').QueueConfigurations;
    expect(properties(template, 'AWS::S3::Bucket', 'Images').NotificationConfiguration).toEqual({
      QueueConfigurations: [
        {
          Event: expected?.Events[0],
          Queue: { 'Fn::GetAtt': [queue, 'Arn'] },
          Filter: { S3Key: { Rules: expected?.Filter.Key.FilterRules } },
        },
      ],
    });
    const [resource] = Object.entries(template.findResources('AWS::S3::Bucket'))
      .filter(([id]) => id.startsWith('Images'))
      .map(([, found]) => found);
    expect(resource?.DependsOn).toEqual([expect.stringMatching(/^OriginalsPolicy/)]);
  });
});

describe('the queues', () => {
  /** What CreateQueue would take: strings. */
  const attributes = ({ QueueName, ...rest }: Record<string, unknown>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(rest).map(([name, value]) => [
        name,
        typeof value === 'object' ? JSON.stringify(value) : String(value),
      ]),
    );

  it('have the attributes of infra/, which follow the time limit of an image', () => {
    const template = synthesize({ ...context, imageTimeoutSeconds: 100 });
    const [deadLetters] = Object.keys(template.findResources('AWS::SQS::Queue')).filter((id) =>
      id.startsWith('OriginalsDeadLetters'),
    );
    const queue = attributes(properties(template, 'AWS::SQS::Queue', 'OriginalsQueue'));
    const { RedrivePolicy = '', ...expected } = queueAttributes({
      deadLetterArn: 'DEAD-LETTERS',
      imageTimeoutSeconds: 100,
    });
    expect(queue).toEqual({
      ...expected,
      RedrivePolicy: RedrivePolicy.replace('"DEAD-LETTERS"', `{"Fn::GetAtt":["${deadLetters}","Arn"]}`),
    });
    expect(attributes(properties(template, 'AWS::SQS::Queue', 'OriginalsDeadLetters'))).toEqual(
      deadLetterQueueAttributes(arn),
    );
  });

  it('have the policies of infra/, which take nothing without TLS', () => {
    const template = synthesize(context);
    const policyOf = (name: string) =>
      properties(template, 'AWS::SQS::QueuePolicy', `Originals${name}`).PolicyDocument;
    expect(policyOf('Policy')).toEqual(
      queuePolicy({ queueArn: arn, bucket, account: ACCOUNT, requireTls: true }),
    );
    expect(policyOf('DeadLettersPolicy')).toEqual(deadLetterQueuePolicy(`${arn}-dead`));
  });
});

describe('the roles', () => {
  const template = synthesize(FULL);

  it.each([
    ['Api', apiPolicy({ bucket })],
    ['Worker', workerPolicy({ bucket, queueArn: arn })],
  ])("%s has infra's policy and nothing else", (name, policy) => {
    expect(properties(template, 'AWS::IAM::ManagedPolicy', `Roles${name}Policy`).PolicyDocument).toEqual(
      policy,
    );

    const role = properties(template, 'AWS::IAM::Role', `Roles${name}Role`);
    expect(role.ManagedPolicyArns).toEqual([{ Ref: expect.stringMatching(`^Roles${name}Policy`) }]);
    expect(role.Policies).toBeUndefined();
    const [id] = Object.keys(template.findResources('AWS::IAM::Role')).filter((key) =>
      key.startsWith(`Roles${name}Role`),
    );
    const attached = Object.values(template.findResources('AWS::IAM::Policy')).flatMap(
      ({ Properties }) => Properties.Roles as { Ref: string }[],
    );
    expect(attached).not.toContainEqual({ Ref: id });
  });

  it('can be taken by ECS only, for this account', () => {
    expect(properties(template, 'AWS::IAM::Role', 'RolesWorkerRole').AssumeRolePolicyDocument).toMatchObject({
      Statement: [
        {
          Principal: { Service: 'ecs-tasks.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': ACCOUNT } },
        },
      ],
    });
  });
});
