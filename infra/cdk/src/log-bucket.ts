import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

/**
 * Where the bucket, CloudFront and the load balancer log each access.
 * The logs hold visitors' addresses, so they go after `retentionDays`.
 */
export class LogBucket extends Bucket {
  constructor(scope: Construct, id: string, props: { retentionDays: number; takesCloudFrontLogs: boolean }) {
    super(scope, id, {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      // CloudFront's standard logs are delivered by an access control list of the object, or not at all.
      objectOwnership: props.takesCloudFrontLogs
        ? ObjectOwnership.BUCKET_OWNER_PREFERRED
        : ObjectOwnership.BUCKET_OWNER_ENFORCED,
      lifecycleRules: [{ id: 'logs', expiration: Duration.days(props.retentionDays) }],
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  /** Lets S3 write the access logs of the bucket `name` under `prefix`. */
  takeBucketLogs(name: string, prefix: string): void {
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'TakeBucketLogs',
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal('logging.s3.amazonaws.com')],
        actions: ['s3:PutObject'],
        resources: [this.arnForObjects(`${prefix}*`)],
        conditions: {
          ArnEquals: { 'aws:SourceArn': `arn:aws:s3:::${name}` },
          StringEquals: { 'aws:SourceAccount': Stack.of(this).account },
        },
      }),
    );
  }

  /**
   * Lets load balancers of this account write their access logs under `prefix` (without its slash).
   * The CDK's own `logAccessLogs` needs to know the region; this service principal is the same in all.
   */
  takeLoadBalancerLogs(prefix: string): void {
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'TakeLoadBalancerLogs',
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal('logdelivery.elasticloadbalancing.amazonaws.com')],
        actions: ['s3:PutObject'],
        resources: [this.arnForObjects(`${prefix}/AWSLogs/${Stack.of(this).account}/*`)],
      }),
    );
  }
}
