import { once } from 'node:events';
import { request } from 'node:http';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { SignatureV4 } from '@smithy/signature-v4';
import { expect, test, vi } from 'vitest';
import { Sha256 } from '../conformance/sha256.ts';
import { clients, REGION, root, start, userWith } from './local-aws.ts';

const queue = { QueueName: 'queue' };

test('queue URLs name the endpoint that the client asked', async () => {
  const { endpoint, port } = await start();
  const { QueueUrl } = await clients(endpoint).sqs.send(new CreateQueueCommand(queue));
  expect(QueueUrl).toBe(`${endpoint}/000000000000/queue`);
  const byName = clients(`http://localhost:${port}`).sqs;
  expect((await byName.send(new CreateQueueCommand(queue))).QueueUrl).toBe(
    `http://localhost:${port}/000000000000/queue`,
  );
  await byName.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
});

test('a request whose signature does not hold is refused', async () => {
  const { endpoint } = await start();
  const other = clients(endpoint, { ...root, secretAccessKey: 'not-the-secret' }).sqs;
  await expect(other.send(new CreateQueueCommand(queue))).rejects.toMatchObject({
    name: 'SignatureDoesNotMatch',
    $metadata: { httpStatusCode: 403 },
  });
  const unknown = clients(endpoint, { ...root, accessKeyId: 'NOBODY' }).sqs;
  await expect(unknown.send(new CreateQueueCommand(queue))).rejects.toMatchObject({
    name: 'InvalidClientTokenId',
  });
  const unsigned = await fetch(endpoint, {
    method: 'POST',
    headers: { 'x-amz-target': 'AmazonSQS.CreateQueue', 'content-type': 'application/x-amz-json-1.0' },
    body: JSON.stringify(queue),
  });
  expect(unsigned.status).toBe(403);
});

test('a user does what its policy allows with a queue, and nothing else', async () => {
  const arn = `arn:aws:sqs:${REGION}:000000000000:queue`;
  const user = userWith({ Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage'], Resource: arn });
  const { endpoint } = await start({ users: [root, user] });
  const asRoot = clients(endpoint).sqs;
  const limited = clients(endpoint, user).sqs;
  const { QueueUrl } = await asRoot.send(new CreateQueueCommand(queue));
  await asRoot.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));

  const { Messages } = await limited.send(new ReceiveMessageCommand({ QueueUrl }));
  await limited.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages?.[0]?.ReceiptHandle }));
  for (const call of [
    limited.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' })),
    limited.send(new PurgeQueueCommand({ QueueUrl })),
    limited.send(new CreateQueueCommand({ QueueName: 'another' })),
  ]) {
    await expect(call).rejects.toMatchObject({ name: 'AccessDenied' });
  }
});

test('a queue policy that is not evaluated here is refused', async () => {
  const { sqs } = clients((await start()).endpoint);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand(queue));
  const Condition = { IpAddress: { 'aws:SourceIp': '192.0.2.1' } };
  const statement = { Effect: 'Allow', Principal: '*', Action: 'sqs:*', Resource: '*', Condition };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  await expect(
    sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } })),
  ).rejects.toMatchObject({ name: 'NotImplemented' });
});

test('a message for a client that hung up while it waited goes to the next one, as if never received', async () => {
  const { endpoint } = await start();
  const { sqs } = clients(endpoint);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand(queue));
  const body = JSON.stringify({ QueueUrl, WaitTimeSeconds: 20 });
  const url = new URL(endpoint);
  const signer = new SignatureV4({
    service: 'sqs',
    region: REGION,
    credentials: root,
    sha256: Sha256,
  });
  const { headers } = await signer.sign({
    method: 'POST',
    protocol: 'http:',
    hostname: url.hostname,
    path: '/',
    headers: {
      host: url.host,
      'x-amz-target': 'AmazonSQS.ReceiveMessage',
      'content-type': 'application/x-amz-json-1.0',
    },
    body,
  });
  const waiting = request(endpoint, { method: 'POST', headers });
  waiting.on('error', () => {});
  await new Promise<void>((resolve) => waiting.end(body, resolve));
  // Another request on another connection is answered once the first has been taken up.
  await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  // The server closes its side once it has seen that the client closed the other.
  waiting.socket?.end();
  if (waiting.socket) await once(waiting.socket, 'close');

  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
  await vi.waitFor(async () => {
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MessageSystemAttributeNames: ['ApproximateReceiveCount'] }),
    );
    expect(Messages?.[0]?.Attributes?.ApproximateReceiveCount).toBe('1');
  });
});
