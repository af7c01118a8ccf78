import { AwsError, invalidArgument, malformedXml, notImplemented } from '../errors.ts';
import { children, parseXml, text, texts, type XmlElement } from '../s3/xml.ts';

/** What a write is reported as, without S3's prefix `s3:`. */
export type EventName =
  | 'ObjectCreated:Post'
  | 'ObjectCreated:Put'
  | 'ObjectCreated:Copy'
  | 'ObjectCreated:CompleteMultipartUpload';

export type QueueConfiguration = {
  id: string;
  queueArn: string;
  /** E.g. `s3:ObjectCreated:*`. */
  events: string[];
  prefix: string;
  suffix: string;
};

const EVENTS = /^s3:ObjectCreated:(\*|Post|Put|Copy|CompleteMultipartUpload)$/;

/** @throws {AwsError} MalformedXML, InvalidArgument; NotImplemented for what would never be reported */
export function parseNotification(document: string): QueueConfiguration[] {
  const root = parseXml(document, 'NotificationConfiguration');
  const other = Object.keys(root).find((name) => name !== 'QueueConfiguration');
  if (other !== undefined) throw notImplemented(`${other} in a notification configuration`);
  return children(root, 'QueueConfiguration').map((configuration, index) => {
    const queueArn = text(configuration, 'Queue');
    const events = texts(configuration, 'Event');
    if (queueArn === undefined || events.length === 0) throw malformedXml();
    const unknown = events.find((event) => !EVENTS.test(event));
    if (unknown !== undefined) throw notImplemented(`events of the type ${unknown}`);
    return {
      id: text(configuration, 'Id') ?? `configuration-${index}`,
      queueArn,
      events,
      ...filterOf(configuration),
    };
  });
}

function filterOf(configuration: XmlElement): { prefix: string; suffix: string } {
  const [filter = {}] = children(configuration, 'Filter');
  const [key = {}] = children(filter, 'S3Key');
  const found = { prefix: '', suffix: '' };
  for (const rule of children(key, 'FilterRule')) {
    const name = text(rule, 'Name')?.toLowerCase();
    if (name !== 'prefix' && name !== 'suffix') {
      throw invalidArgument(
        'filter rule name must be either prefix or suffix',
        'FilterRule.Name',
        name ?? '',
      );
    }
    found[name] = text(rule, 'Value') ?? '';
  }
  return found;
}

export const concerns = (configuration: QueueConfiguration, name: EventName, key: string): boolean =>
  key.startsWith(configuration.prefix) &&
  key.endsWith(configuration.suffix) &&
  configuration.events.some((event) => event === `s3:${name}` || event === 's3:ObjectCreated:*');

export const undeliverable = (queueArn: string, reason: string) =>
  new AwsError(400, 'InvalidArgument', 'Unable to validate the following destination configurations', {
    ArgumentName1: queueArn,
    ArgumentValue1: reason,
  });
