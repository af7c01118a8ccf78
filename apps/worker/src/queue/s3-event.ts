/** An object that was created, as an event tells it. A hint: the row decides, not the event. */
export type CreatedObject = { bucket: string; key: string };

export type ParsedEvent = { created: CreatedObject[] } | { malformed: string };

/**
 * Reads a message of the queue, in whatever wrapping it came: S3's own records (several in one message are legal),
 * the same from Ceph RGW, wrapped by SNS, or EventBridge's shape. Anything else that S3 sends, such as its
 * `s3:TestEvent` or a removal, names no created object. Never throws.
 *
 * Shapes: "Event message structure" in the Amazon S3 user guide, "Amazon SNS message formats", "EventBridge event
 * message structure".
 */
export function parseEvent(body: string): ParsedEvent {
  const message = parseJson(body);
  if (!isObject(message)) return { malformed: 'not a JSON object' };
  if (message.Type === 'Notification' && typeof message.Message === 'string') {
    const inner = parseJson(message.Message);
    return isObject(inner)
      ? readEvent(inner)
      : { malformed: 'an SNS notification without a JSON object in it' };
  }
  return readEvent(message);
}

function readEvent(event: Json): ParsedEvent {
  if (event.Event === 's3:TestEvent') return { created: [] };
  if (event.source === 'aws.s3') return readEventBridge(event);
  if (!Array.isArray(event.Records))
    return { malformed: 'neither Records nor any other shape of an S3 event' };
  const created: CreatedObject[] = [];
  for (const record of event.Records) {
    if (!isObject(record)) return { malformed: 'a record that is no object' };
    const version = record.eventVersion;
    // Minor versions add fields, major ones change them.
    if (typeof version === 'string' && !version.startsWith('2.')) {
      return { malformed: `event version ${version}, of which we know nothing` };
    }
    if (!/^(s3:)?ObjectCreated:/.test(String(record.eventName))) continue;
    const object = readObject(record.s3);
    if (!object) return { malformed: 'a record without bucket name or object key' };
    // S3 encodes keys as forms do, Ceph doesn't.
    const encoded = record.eventSource !== 'ceph:s3';
    created.push(encoded ? { ...object, key: decodeKey(object.key) } : object);
  }
  return { created };
}

function readEventBridge(event: Json): ParsedEvent {
  if (event['detail-type'] !== 'Object Created') return { created: [] };
  const object = readObject(event.detail);
  return object
    ? { created: [object] }
    : { malformed: 'an EventBridge event without bucket name or object key' };
}

function readObject(parent: unknown): CreatedObject | undefined {
  if (!isObject(parent) || !isObject(parent.bucket) || !isObject(parent.object)) return undefined;
  const { name } = parent.bucket;
  const { key } = parent.object;
  return typeof name === 'string' && typeof key === 'string' ? { bucket: name, key } : undefined;
}

/** `red+flower%21.jpg` is `red flower!.jpg`. What can't be decoded is left as it is: no key of ours looks so. */
function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return key;
  }
}

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
