import { DOCUMENTS, type DocumentKind } from '../../bucket/documents.ts';
import { announceNotification } from '../../events/send.ts';
import { receiveText } from '../../payload/receive.ts';
import type { S3Call } from '../call.ts';
import type { Operation } from '../operation.ts';

/** GET, PUT and DELETE of each document that a bucket keeps. */
export const documentOperations: Record<string, Operation> = Object.fromEntries(
  Object.entries(DOCUMENTS).flatMap(([name, kind]) => [
    [
      `GET bucket ${name}`,
      { action: kind.actions.get, run: (call: S3Call) => getDocument(call, name, kind) },
    ],
    [
      `PUT bucket ${name}`,
      { action: kind.actions.put, run: (call: S3Call) => putDocument(call, name, kind) },
    ],
    [
      `DELETE bucket ${name}`,
      { action: kind.actions.delete, run: (call: S3Call) => deleteDocument(call, name) },
    ],
  ]),
);

async function getDocument({ bucket, response }: S3Call, name: string, kind: DocumentKind): Promise<void> {
  const document = bucket.documents[name];
  if (document === undefined) throw kind.missing();
  response.writeHead(200, { 'Content-Type': kind.contentType }).end(document);
}

async function putDocument(call: S3Call, name: string, kind: DocumentKind): Promise<void> {
  const { bucket, services, response } = call;
  const document = await receiveText(call.body());
  kind.check(bucket, document);
  services.store.setDocument(bucket, name, document);
  response.writeHead(name === 'policy' ? 204 : 200).end();
}

async function deleteDocument({ bucket, services, response }: S3Call, name: string): Promise<void> {
  services.store.setDocument(bucket, name, undefined);
  response.writeHead(204).end();
}

export async function getNotification(call: S3Call): Promise<void> {
  const document = call.bucket.documents.notification;
  if (document === undefined) call.answer('NotificationConfiguration', {});
  else call.response.writeHead(200, { 'Content-Type': 'application/xml' }).end(document);
}

export async function putNotification(call: S3Call): Promise<void> {
  const { bucket, services, request, response } = call;
  const document = await receiveText(call.body());
  announceNotification(services.queues, bucket, document, request.id);
  services.store.setDocument(bucket, 'notification', document);
  response.writeHead(200).end();
}
