import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PolicyDocument } from '@s3-image-app/infra';
import { authenticate } from '../auth/authenticate.ts';
import { isAllowed } from '../auth/authorize.ts';
import { checkPolicy } from '../auth/check-policy.ts';
import { ACCOUNT, userArn } from '../auth/users.ts';
import { AwsError, invalidRequest } from '../errors.ts';
import { bytesOf } from '../payload/body.ts';
import { contentSha256Mismatch } from '../payload/meter.ts';
import { receiveText } from '../payload/receive.ts';
import type { Services } from '../s3/call.ts';
import { plainHeaders } from '../s3/request.ts';
import { sqsError } from './errors.ts';

type Input = { QueueUrl?: string; QueueName?: string; Attributes?: Record<string, string> };

/** Actions that IAM knows by the name of their single form. */
const BATCHES: Record<string, string> = {
  SendMessageBatch: 'SendMessage',
  DeleteMessageBatch: 'DeleteMessage',
  ChangeMessageVisibilityBatch: 'ChangeMessageVisibility',
};

/** Serves one request of SQS's JSON protocol: who makes it and whether they may, then fauxqs answers. */
export async function serveSqs(
  services: Services,
  target: string,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    const body = await receiveText({ bytes: bytesOf(incoming), headers: {} });
    authorize(services, target, incoming, body);
    const answer = await services.queues.call(target, body, gone.signal);
    response.writeHead(answer.status, answer.headers).end(localize(answer.body, incoming.headers.host));
  } catch (error) {
    if (response.destroyed) return;
    const answer = sqsError(error);
    if (answer.status >= 500) services.log(`SQS ${target}: ${error instanceof Error ? error.stack : error}`);
    response.writeHead(answer.status, answer.headers).end(answer.body);
  }
}

function authorize(
  { users, region, queues, onAccess }: Services,
  target: string,
  incoming: IncomingMessage,
  body: string,
): void {
  const [path = '/', query = ''] = (incoming.url ?? '/').split(/\?(.*)/s, 2);
  const bodyHash = createHash('sha256').update(body).digest('hex');
  const { caller, payloadHash } = authenticate(
    {
      method: incoming.method ?? 'POST',
      path,
      query: new URLSearchParams(query),
      headers: plainHeaders(incoming),
    },
    { service: 'sqs', region, users },
    bodyHash,
  );
  if (!caller) {
    throw new AwsError(403, 'MissingAuthenticationToken', 'Request is missing Authentication Token');
  }
  if (payloadHash !== bodyHash) throw contentSha256Mismatch();
  const input = parseInput(body);
  const name = target.replace(/^AmazonSQS\./, '');
  const action = `sqs:${BATCHES[name] ?? name}`;
  const queueName = input.QueueUrl?.split('/').at(-1) ?? input.QueueName ?? '*';
  const resource = `arn:aws:sqs:${region}:${ACCOUNT}:${queueName}`;
  const policy = queues.byArn(resource)?.attributes.Policy;
  const allowed = isAllowed(
    caller,
    { action, resource, context: { 'aws:securetransport': 'false' } },
    policy ? (JSON.parse(policy) as PolicyDocument) : undefined,
  );
  onAccess({ user: caller.name, action, resource, allowed });
  if (!allowed) {
    throw new AwsError(
      403,
      'AccessDenied',
      `User: ${userArn(caller)} is not authorized to perform: ${action.toLowerCase()} on resource: ${resource}`,
    );
  }
  if (input.Attributes?.Policy) checkQueuePolicy(input.Attributes.Policy);
}

function parseInput(body: string): Input {
  try {
    return JSON.parse(body) as Input;
  } catch {
    throw invalidRequest('The request body is not JSON: only the JSON protocol of SQS is served.');
  }
}

function checkQueuePolicy(document: string): void {
  let policy: unknown;
  try {
    policy = JSON.parse(document);
  } catch {
    throw new AwsError(400, 'InvalidAttributeValue', 'Invalid value for the parameter Policy.');
  }
  checkPolicy(policy, 'resource');
}

/** Queue URLs name the host that the client asked, whichever name it knows this server by. */
const localize = (body: string, host = 'localhost'): string =>
  body.replace(new RegExp(`http://[^/"]*/(?=${ACCOUNT}/)`, 'g'), `http://${host}/`);
