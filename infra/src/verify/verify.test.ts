import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Aws, type Deployed, deploy, roles, startAws } from '../../test/deployment.ts';
import { failedProbes, named, verdictOn } from '../../test/verdict.ts';

let aws: Aws;
beforeAll(async () => {
  aws = await startAws(roles);
});
afterAll(() => aws.stop());

const keysIn = async ({ bucket }: Deployed): Promise<string[]> => {
  const { Contents = [] } = await aws.s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  return Contents.map(({ Key = '' }) => Key);
};

/** All messages that can be received, which are then hidden. */
const messagesIn = async ({ queueUrl }: Deployed): Promise<string[]> => {
  const bodies: string[] = [];
  for (;;) {
    const { Messages = [] } = await aws.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
    );
    if (Messages.length === 0) return bodies;
    bodies.push(...Messages.map(({ Body = '' }) => Body));
  }
};

/** S3's own message of when the notification was made. */
const isTestEvent = (body: string): boolean => body.includes('s3:TestEvent');

/** Does with each event what a worker does with that of no image: it removes the leftover original. */
function startWorker({ bucket, queueUrl }: Deployed): { stop: () => Promise<void> } {
  const stopping = new AbortController();
  const work = async () => {
    while (!stopping.signal.aborted) {
      const { Messages = [] } = await aws.sqs.send(
        new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
      );
      for (const { Body = '', ReceiptHandle } of Messages) {
        const Key = /"(quarantine\/[0-9a-f-]{36})"/.exec(Body)?.[1];
        if (Key) await aws.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
        await aws.sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
      }
    }
  };
  const done = work();
  return {
    stop: async () => {
      stopping.abort();
      await done;
    },
  };
}

describe('on a deployment that is set up as it should be', () => {
  it('passes every probe but the canary, for which it has no API', async () => {
    const verdict = await verdictOn(await deploy(aws));
    expect(named(verdict, 'failed')).toEqual([]);
    expect(named(verdict, 'skipped')).toEqual(['a canary image becomes ready and is deleted']);
    expect(named(verdict, 'passed').length).toBeGreaterThan(40);
  });

  it('leaves no object and no message behind where no worker runs', async () => {
    const deployed = await deploy(aws);
    expect((await verdictOn(deployed)).leftBehind).toEqual([]);
    expect(await keysIn(deployed)).toEqual([]);
    expect((await messagesIn(deployed)).filter((body) => !isTestEvent(body))).toEqual([]);
  });

  it('gives back the messages that are not its own, received once each', async () => {
    const deployed = await deploy(aws);
    const Key = 'quarantine/0190a6e2-0000-7000-8000-000000000000';
    await aws.s3.send(new PutObjectCommand({ Bucket: deployed.bucket, Key, Body: 'an original' }));
    await verdictOn(deployed);
    const { Messages = [] } = await aws.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: deployed.queueUrl,
        MaxNumberOfMessages: 10,
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      }),
    );
    const theirs = Messages.filter(({ Body = '' }) => Body.includes(Key));
    expect(theirs.map(({ Attributes }) => Number(Attributes?.ApproximateReceiveCount))).toEqual([
      expect.toSatisfy((count: number) => count <= 3),
    ]);
    expect(await keysIn(deployed)).toEqual([Key]);
  });

  it('takes it as proof of the event when a running worker removes the original', async () => {
    const deployed = await deploy(aws);
    const worker = startWorker(deployed);
    try {
      // Were it not taken for proof, ten times the grace would pass before we looked into the queue.
      expect(await failedProbes(deployed, { workerGraceMs: 10_000 })).toEqual([]);
    } finally {
      await worker.stop();
    }
    expect(await keysIn(deployed)).toEqual([]);
  });

  it('has nothing amiss behind CloudFront either, and says what it could not ask', async () => {
    const serving = {
      mode: 'cloudfront',
      distributionArn: 'arn:aws:cloudfront::000000000000:distribution/E1',
    } as const;
    const verdict = await verdictOn(await deploy(aws, serving), { serving });
    expect(named(verdict, 'failed')).toEqual([]);
    expect(named(verdict, 'passed')).toContain('a public image does not open from the bucket itself');
    expect(named(verdict, 'skipped')).toContain('a public image opens through CloudFront');
  });
});

describe('a bucket that opens its public images itself, behind CloudFront', () => {
  it('fails the probes of that mode', async () => {
    const serving = {
      mode: 'cloudfront',
      distributionArn: 'arn:aws:cloudfront::000000000000:distribution/E1',
    } as const;
    expect(await failedProbes(await deploy(aws), { serving })).toEqual([
      'a public image does not open from the bucket itself',
      'the public access block is on as far as the mode allows',
    ]);
  });
});

describe('a role whose credentials are wrong', () => {
  it('passes no probe of what it can or cannot do', async () => {
    const verdict = await verdictOn(await deploy(aws), { api: 'nobody', worker: 'nobody' });
    const passed = named(verdict, 'passed');
    expect(passed.filter((name) => /^the (API|worker) can/.test(name))).toEqual([]);
    expect(named(verdict, 'failed')).toContain('a valid form is accepted');
  });
});
