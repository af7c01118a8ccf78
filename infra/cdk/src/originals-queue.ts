import {
  deadLetterQueueAttributes,
  deadLetterQueuePolicy,
  queueArn,
  queueAttributes,
  queuePolicy,
} from '@s3-image-app/infra';
import { Stack } from 'aws-cdk-lib';
import { CfnQueue, CfnQueuePolicy, type CfnQueueProps } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

/** The queue that S3 reports new originals to, and the one that takes the messages nobody could handle. */
export class OriginalsQueue extends Construct {
  readonly queue: CfnQueue;
  readonly deadLetters: CfnQueue;
  /** S3 tries the queue before it accepts a notification: the bucket comes after this. */
  readonly policy: CfnQueuePolicy;
  readonly name: string;
  readonly arn: string;
  readonly deadLettersName: string;

  constructor(
    scope: Construct,
    id: string,
    props: { name: string; bucketName: string; imageTimeoutSeconds: number },
  ) {
    super(scope, id);
    const { account, region } = Stack.of(this);
    this.name = props.name;
    this.deadLettersName = `${props.name}-dead`;

    // Spelt out, not a reference: each of the two queues names the other, and one has to be first.
    this.arn = queueArn({ name: this.name, region, account });
    this.deadLetters = new CfnQueue(this, 'DeadLetters', {
      queueName: this.deadLettersName,
      ...toProps(deadLetterQueueAttributes(this.arn)),
    });
    this.queue = new CfnQueue(this, 'Queue', {
      queueName: this.name,
      ...toProps(
        queueAttributes({
          deadLetterArn: this.deadLetters.attrArn,
          imageTimeoutSeconds: props.imageTimeoutSeconds,
        }),
      ),
    });

    this.policy = new CfnQueuePolicy(this, 'Policy', {
      queues: [this.queue.ref],
      policyDocument: queuePolicy({
        queueArn: this.arn,
        bucket: props.bucketName,
        account,
        requireTls: true,
      }),
    });
    new CfnQueuePolicy(this, 'DeadLettersPolicy', {
      queues: [this.deadLetters.ref],
      policyDocument: deadLetterQueuePolicy(queueArn({ name: this.deadLettersName, region, account })),
    });
  }
}

/** CloudFormation names a queue's attributes as SQS does, but wants numbers, flags and objects where SQS takes strings. */
const toProps = (attributes: Record<string, string>): CfnQueueProps =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      `${name.charAt(0).toLowerCase()}${name.slice(1)}`,
      JSON.parse(value),
    ]),
  );
