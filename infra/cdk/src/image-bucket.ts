import {
  bucketPolicy,
  corsRules,
  type Deployment,
  encryption,
  lifecycleRules,
  notificationConfiguration,
  ownershipControls,
  publicAccessBlock,
  type Serving,
} from '@s3-image-app/infra';
import { RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Bucket, CfnBucket, CfnBucketPolicy, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { LogBucket } from './log-bucket.ts';
import type { OriginalsQueue } from './originals-queue.ts';

type Props = {
  name: string;
  origins: string[];
  mode: Serving['mode'];
  versioned: boolean;
  queue: OriginalsQueue;
  logs: LogBucket;
};

/**
 * The bucket, as infra/ defines it. It is built from CloudFormation's own resource, because infra/ speaks
 * S3's language already, and the CDK's Bucket would set notifications by a Lambda function.
 */
export class ImageBucket extends Construct {
  /** For constructs that only refer to it. Its policy is infra's: nothing may be added. */
  readonly bucket: IBucket;
  readonly #resource: CfnBucket;
  readonly #props: Props;

  constructor(scope: Construct, id: string, props: Props) {
    super(scope, id);
    this.#props = props;
    const logPrefix = 'bucket/';
    props.logs.takeBucketLogs(props.name, logPrefix);

    this.#resource = new CfnBucket(this, 'Bucket', {
      bucketName: props.name,
      bucketEncryption: {
        serverSideEncryptionConfiguration: encryption().Rules.map((rule) => ({
          serverSideEncryptionByDefault: {
            sseAlgorithm: rule.ApplyServerSideEncryptionByDefault.SSEAlgorithm,
          },
          bucketKeyEnabled: rule.BucketKeyEnabled,
        })),
      },
      ...(props.versioned ? { versioningConfiguration: { status: 'Enabled' } } : {}),
      corsConfiguration: {
        corsRules: corsRules(props.origins).map((rule) => ({
          id: rule.ID,
          allowedOrigins: rule.AllowedOrigins,
          allowedMethods: rule.AllowedMethods,
          allowedHeaders: rule.AllowedHeaders,
          exposedHeaders: rule.ExposeHeaders,
          maxAge: rule.MaxAgeSeconds,
        })),
      },
      lifecycleConfiguration: { rules: lifecycle(props.versioned) },
      publicAccessBlockConfiguration: publicAccess(props.mode),
      ownershipControls: {
        rules: ownershipControls().Rules.map((rule) => ({ objectOwnership: rule.ObjectOwnership })),
      },
      notificationConfiguration: { queueConfigurations: notifications(props.queue.queue.attrArn) },
      loggingConfiguration: { destinationBucketName: props.logs.bucketName, logFilePrefix: logPrefix },
    });
    this.#resource.addResourceDependency(props.queue.policy);
    this.#resource.applyRemovalPolicy(RemovalPolicy.RETAIN);
    this.bucket = Bucket.fromCfnBucket(this.#resource);

    if (props.mode === 'referer') {
      Validations.of(this.#resource).acknowledge({
        id: 'AwsSolutions-S2',
        reason:
          'Referer mode serves public/ from the bucket itself, by a policy that S3 counts as public. Lists (ACLs) stay blocked, and the policy denies anonymous access to quarantine/ and private/.',
      });
    }
  }

  /** Says who may do what: apart from the constructor, because CloudFront's distribution has to exist first. */
  applyPolicy(serving: Serving): void {
    const { account, region } = Stack.of(this);
    const deployment: Deployment = {
      bucket: this.#props.name,
      region,
      account,
      origins: this.#props.origins,
      serving,
      requireTls: true,
    };
    const policy = new CfnBucketPolicy(this, 'Policy', {
      bucket: this.#props.name,
      policyDocument: bucketPolicy(deployment),
    });
    policy.addResourceDependency(this.#resource);
  }
}

/** The parts of S3's lifecycle rules that infra's rules use, each of which some of them leave out. */
type LifecycleRule = {
  ID: string;
  Status: string;
  Filter: { Prefix: string };
  Expiration?: { Days?: number; ExpiredObjectDeleteMarker?: boolean };
  AbortIncompleteMultipartUpload?: { DaysAfterInitiation: number };
  NoncurrentVersionExpiration?: { NoncurrentDays: number };
};

const lifecycle = (versioned: boolean): CfnBucket.RuleProperty[] =>
  lifecycleRules({ versioned }).map((rule: LifecycleRule) => ({
    id: rule.ID,
    status: rule.Status,
    prefix: rule.Filter.Prefix,
    expirationInDays: rule.Expiration?.Days,
    expiredObjectDeleteMarker: rule.Expiration?.ExpiredObjectDeleteMarker,
    abortIncompleteMultipartUpload: rule.AbortIncompleteMultipartUpload && {
      daysAfterInitiation: rule.AbortIncompleteMultipartUpload.DaysAfterInitiation,
    },
    noncurrentVersionExpiration: rule.NoncurrentVersionExpiration && {
      noncurrentDays: rule.NoncurrentVersionExpiration.NoncurrentDays,
    },
  }));

const publicAccess = (mode: Serving['mode']): CfnBucket.PublicAccessBlockConfigurationProperty => {
  const block = publicAccessBlock(mode);
  return {
    blockPublicAcls: block.BlockPublicAcls,
    ignorePublicAcls: block.IgnorePublicAcls,
    blockPublicPolicy: block.BlockPublicPolicy,
    restrictPublicBuckets: block.RestrictPublicBuckets,
  };
};

/** CloudFormation takes one event for each configuration, S3 a list. */
const notifications = (arn: string): CfnBucket.QueueConfigurationProperty[] =>
  notificationConfiguration(arn).QueueConfigurations.flatMap(({ QueueArn, Events, Filter }) =>
    Events.map((event) => ({
      event,
      queue: QueueArn,
      filter: {
        s3Key: { rules: Filter.Key.FilterRules.map(({ Name, Value }) => ({ name: Name, value: Value })) },
      },
    })),
  );
