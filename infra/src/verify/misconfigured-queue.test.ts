import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { Deployed } from '../../test/deployment.ts';
import { eachFailsItsProbes, type WrongSetting } from '../../test/wrong-setting.ts';

const setQueue = ({ aws, queueUrl }: Deployed, Attributes: Record<string, string>) =>
  aws.sqs.send(new SetQueueAttributesCommand({ QueueUrl: queueUrl, Attributes }));

const settings: WrongSetting[] = [
  {
    what: 'the queue is closed to the bucket',
    spoil: (deployed) => setQueue(deployed, { Policy: '' }),
    shows: ['an event arrives at the queue', 'the queue takes messages from this bucket alone'],
  },
  {
    what: 'the queue has no dead-letter queue',
    spoil: (deployed) => setQueue(deployed, { RedrivePolicy: '' }),
    shows: ['the queue keeps what failed as a dead letter'],
  },
  {
    what: 'the queue shows a message again while it is worked on',
    spoil: (deployed) => setQueue(deployed, { VisibilityTimeout: '10' }),
    shows: ['the queue hides a message while an image is processed'],
  },
];

eachFailsItsProbes(settings);
