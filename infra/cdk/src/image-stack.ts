import { CfnOutput, DefaultStackSynthesizer, Fn, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Alarms } from './alarms.ts';
import { ImageBucket } from './image-bucket.ts';
import { ImageCdn } from './image-cdn.ts';
import { LogBucket } from './log-bucket.ts';
import type { Options } from './options.ts';
import { OriginalsQueue } from './originals-queue.ts';
import { Services } from './services.ts';
import { TaskRoles } from './task-roles.ts';

/** A network spans as many of them as `vpcMaxAzs` says. */
const MAX_ZONES = 4;

/** The whole deployment. What infra/ defines is taken from there; the rest is AWS's own. */
export class ImageStack extends Stack {
  readonly #options: Options;

  /** By position in the region's list: asking for their names would need an account at synthesis. */
  override get availabilityZones(): string[] {
    return Array.from({ length: MAX_ZONES }, (_, index) => Fn.select(index, Fn.getAzs()));
  }

  constructor(scope: Construct, options: Options) {
    super(scope, options.stackName, {
      env: { account: options.account, region: options.region },
      description: 'Image upload, processing and delivery',
      terminationProtection: true,
      // The template holds no assets, so plain CloudFormation can deploy it too, in an account without the CDK's bootstrap.
      synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
    });
    this.#options = options;

    const logs = new LogBucket(this, 'Logs', {
      retentionDays: options.logRetentionDays,
      takesCloudFrontLogs: options.mode === 'cloudfront',
    });
    const queue = new OriginalsQueue(this, 'Originals', {
      name: options.queueName,
      bucketName: options.bucketName,
      imageTimeoutSeconds: options.imageTimeoutSeconds,
    });
    const images = new ImageBucket(this, 'Images', {
      name: options.bucketName,
      origins: options.origins,
      mode: options.mode,
      versioned: options.versioned,
      queue,
      logs,
    });
    const cdn = this.#deliver(images, logs);
    const roles = new TaskRoles(this, 'Roles', {
      bucketName: options.bucketName,
      queueArn: queue.arn,
    });
    const alarms = new Alarms(this, 'Alarms', {
      queue,
      imageTimeoutSeconds: options.imageTimeoutSeconds,
      email: options.alarmEmail,
    });
    this.#output({
      BucketName: images.bucket.bucketName,
      QueueUrl: queue.queue.ref,
      DeadLetterQueueUrl: queue.deadLetters.ref,
      ApiPolicyArn: roles.apiPolicyArn,
      WorkerPolicyArn: roles.workerPolicyArn,
      AlarmTopicArn: alarms.topic.topicArn,
      ...(cdn ? { PublicBaseUrl: cdn.baseUrl, DistributionDomain: cdn.domainName } : {}),
    });

    if (!options.services) return;
    const services = new Services(this, 'Services', {
      deployment: options,
      options: options.services,
      roles,
      queue,
      logs,
      publicBaseUrl: cdn?.baseUrl,
    });
    alarms.watchStuckPending(services.workerLog, `S3ImageApp/${options.bucketName}`);
    this.#output(services.outputs);
  }

  /** The bucket's policy names the distribution and the distribution the bucket: bucket, distribution, policy is the order. */
  #deliver(images: ImageBucket, logs: LogBucket): ImageCdn | undefined {
    if (this.#options.mode === 'referer') {
      images.applyPolicy({ mode: 'referer' });
      return undefined;
    }
    const cdn = new ImageCdn(this, 'Cdn', {
      bucket: images.bucket,
      origins: this.#options.origins,
      logs,
      ...this.#options.cdn,
    });
    images.applyPolicy({ mode: 'cloudfront', distributionArn: cdn.distributionArn });
    return cdn;
  }

  #output(values: Record<string, string>): void {
    for (const [name, value] of Object.entries(values)) new CfnOutput(this, name, { value });
  }
}
