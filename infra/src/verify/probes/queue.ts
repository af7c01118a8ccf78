import { GetQueueAttributesCommand, GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import type { PolicyDocument, Statement } from '../../policy.ts';
import { MAX_RECEIVES, queuePolicy, VISIBILITY_SECONDS } from '../../queues.ts';
import { canonical } from '../../setup/step.ts';
import type { Bench } from '../bench.ts';
import { failed, type Probe, passed, skipped, unless } from '../probe.ts';

const fix = 'Run pnpm setup:aws.';

/** The queue's settings, as the operator reads them. Relations are asked, not numbers: an owner may have chosen others. */
export const queueProbes: Probe[] = [
  {
    name: 'the queue takes messages from this bucket alone',
    fix,
    run: async (bench) => {
      const { QueueArn = '', Policy } = await attributes(bench);
      const account = QueueArn.split(':')[4] ?? '';
      const wanted = queuePolicy({
        queueArn: QueueArn,
        bucket: bench.deployment.bucket,
        account,
        requireTls: bench.queueUrl?.startsWith('https://') ?? false,
      });
      const there = (Policy ? JSON.parse(Policy) : { Statement: [] }) as PolicyDocument;
      const [allowed, allows] = [meanings(there, 'Allow'), meanings(wanted, 'Allow')];
      const [denied, denies] = [meanings(there, 'Deny'), meanings(wanted, 'Deny')];
      return unless([
        allows.every((statement) => allowed.includes(statement)) ? undefined : 'the bucket may not send',
        allowed.every((statement) => allows.includes(statement)) ? undefined : 'others may use the queue too',
        denies.every((statement) => denied.includes(statement)) ? undefined : 'it may be used without TLS',
      ]);
    },
  },
  {
    name: 'the queue keeps what failed as a dead letter',
    fix,
    run: async (bench) => {
      const { RedrivePolicy, MessageRetentionPeriod } = await attributes(bench);
      if (!RedrivePolicy) return failed('it has no dead-letter queue: what failed is tried until it expires');
      const { maxReceiveCount, deadLetterTargetArn } = JSON.parse(RedrivePolicy);
      const QueueName = String(deadLetterTargetArn).split(':').at(-1);
      const { QueueUrl } = await bench.operator.sqs.send(new GetQueueUrlCommand({ QueueName }));
      const dead = await attributes(bench, QueueUrl);
      return unless([
        Number(maxReceiveCount) === MAX_RECEIVES
          ? undefined
          : `a message is tried ${maxReceiveCount} times, but the worker gives up after ${MAX_RECEIVES}`,
        // Retention counts from the first enqueue, in both queues.
        Number(dead.MessageRetentionPeriod) > Number(MessageRetentionPeriod)
          ? undefined
          : 'dead letters are kept no longer than messages, so some are lost on the way',
      ]);
    },
  },
  {
    name: 'the queue hides a message while an image is processed',
    fix,
    run: async (bench) => {
      const { VisibilityTimeout } = await attributes(bench);
      return Number(VisibilityTimeout) >= VISIBILITY_SECONDS
        ? passed
        : failed(
            `it hides messages for ${VisibilityTimeout} s; the worker counts on ${VISIBILITY_SECONDS} s`,
          );
    },
  },
  {
    name: 'the queue is encrypted at rest',
    fix,
    run: async (bench) => {
      const { SqsManagedSseEnabled, KmsMasterKeyId } = await attributes(bench);
      if (SqsManagedSseEnabled === undefined) return skipped('this queue service does not tell');
      return SqsManagedSseEnabled === 'true' || KmsMasterKeyId ? passed : failed('it is not');
    },
  },
];

async function attributes({ operator, queueUrl }: Bench, url = queueUrl): Promise<Record<string, string>> {
  const { Attributes = {} } = await operator.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }),
  );
  return Attributes;
}

const meanings = ({ Statement }: PolicyDocument, effect: Statement['Effect']): string[] =>
  Statement.filter(({ Effect }) => Effect === effect).map(({ Sid: _name, ...meaning }) => canonical(meaning));
