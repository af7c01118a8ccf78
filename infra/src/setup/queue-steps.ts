import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type QueueAttributeName,
  QueueDoesNotExist,
  SetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { queueArn } from '../names.ts';
import { deadLetterQueueAttributes, deadLetterQueuePolicy, queueAttributes, queuePolicy } from '../queues.ts';
import type { Step } from './step.ts';
import { policyWidening } from './widening.ts';

export type QueueNames = {
  queueName: string;
  region: string;
  account: string;
  bucket: string;
  /** Refuse plain HTTP. Off only for an endpoint that has no TLS. */
  requireTls: boolean;
};

/** The queue that S3 reports to and its dead-letter queue, which must exist before the queue can name it. */
export const queueSteps = (sqs: SQSClient, names: QueueNames): Step[] => {
  const arn = queueArn({ ...names, name: names.queueName });
  const deadLetterArn = queueArn({ ...names, name: deadLetterName(names.queueName) });
  return [
    queueStep(sqs, 'dead-letter queue', deadLetterName(names.queueName), {
      ...deadLetterQueueAttributes(arn),
      ...(names.requireTls ? { Policy: JSON.stringify(deadLetterQueuePolicy(deadLetterArn)) } : {}),
    }),
    queueStep(sqs, 'queue', names.queueName, {
      ...queueAttributes({ deadLetterArn }),
      Policy: JSON.stringify(queuePolicy({ ...names, queueArn: arn })),
    }),
  ];
};

export const deadLetterName = (queueName: string): string => `${queueName}-dead`;

const queueStep = (sqs: SQSClient, kind: string, name: string, attributes: Record<string, string>): Step => ({
  name: `${kind} ${name}`,
  wanted: readable(attributes),
  read: async () => {
    const url = await queueUrl(sqs, name);
    if (!url) return undefined;
    const AttributeNames = Object.keys(attributes) as QueueAttributeName[];
    const current = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames }));
    return readable(current.Attributes ?? {});
  },
  apply: async () => {
    const url = await queueUrl(sqs, name);
    if (url) await sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: attributes }));
    else await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
  },
  consent: (current) =>
    attributes.Policy
      ? policyWidening((current as { Policy?: unknown }).Policy, JSON.parse(attributes.Policy))
      : [],
});

/** Thrown where the endpoint answers, but not as SQS does: most S3-compatible stores have no queues. */
export class NoQueueService extends Error {}

/**
 * The queue's URL, or undefined where there is no such queue.
 * @throws {NoQueueService}
 */
export async function queueUrl(sqs: SQSClient, name: string): Promise<string | undefined> {
  try {
    return (await sqs.send(new GetQueueUrlCommand({ QueueName: name }))).QueueUrl;
  } catch (error) {
    if (error instanceof QueueDoesNotExist) return undefined;
    // SQS speaks JSON; a store that takes the call for one of S3's answers with XML, which the SDK cannot read.
    if (error instanceof SyntaxError) {
      throw new NoQueueService(
        'nothing at this endpoint speaks SQS. Name the queue service with --sqs-endpoint; or set up the bucket alone with --no-queue and bridge its notifications to a queue elsewhere (infra/README.md).',
      );
    }
    throw error;
  }
}

/** Attributes hold documents as strings; parsed, they compare by meaning and not by spelling. */
const readable = (attributes: Record<string, string>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => {
      if (!value.startsWith('{')) return [key, value];
      const document = JSON.parse(value);
      return [
        key,
        'maxReceiveCount' in document
          ? { ...document, maxReceiveCount: Number(document.maxReceiveCount) }
          : document,
      ];
    }),
  );
