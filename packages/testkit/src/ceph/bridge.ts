import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';

export type Bridge = {
  /** Where the store sends its events. */
  url: string;
  stop: () => Promise<void>;
};

/** Hands each event that a store posts on to a queue, as it is. The store hears of a failure, and loses the event. */
export async function startBridge(sqs: SQSClient, queueUrl: string): Promise<Bridge> {
  const server = createServer(async (request, response) => {
    try {
      const MessageBody = await text(request);
      await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody }));
      response.writeHead(200).end();
    } catch (error) {
      console.error('An event was lost:', error);
      response.writeHead(502).end();
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
