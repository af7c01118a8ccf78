import { describe, expect, test } from 'vitest';
import { parseEvent } from './s3-event.ts';

const record = (key: string, over: object = {}) => ({
  eventVersion: '2.1',
  eventSource: 'aws:s3',
  eventName: 'ObjectCreated:Post',
  s3: { bucket: { name: 'images' }, object: { key, size: 5, eTag: 'e', sequencer: '0055' } },
  ...over,
});
const parse = (event: unknown) => parseEvent(JSON.stringify(event));
const created = (...keys: string[]) => ({ created: keys.map((key) => ({ bucket: 'images', key })) });

describe('the objects that were created are named', () => {
  test.each<[string, unknown, object]>([
    ['by S3', { Records: [record('quarantine/a')] }, created('quarantine/a')],
    ['of several records', { Records: [record('a'), record('b')] }, created('a', 'b')],
    [
      'with keys encoded as forms are',
      { Records: [record('red+flower%2B%C3%A9.jpg')] },
      created('red flower+é.jpg'),
    ],
    ['with a key that is encoded wrongly, as it is', { Records: [record('a%zz')] }, created('a%zz')],
    ['by a newer minor version', { Records: [record('a', { eventVersion: '2.9' })] }, created('a')],
    [
      'by an event with the name of old',
      { Records: [record('a', { eventName: 's3:ObjectCreated:Put' })] },
      created('a'),
    ],
    [
      'by Ceph RGW, whose keys are not encoded',
      { Records: [record('a+b%41', { eventSource: 'ceph:s3', eventTime: '0.000000' })] },
      created('a+b%41'),
    ],
    [
      'through SNS',
      { Type: 'Notification', Message: JSON.stringify({ Records: [record('a')] }), TopicArn: 't' },
      created('a'),
    ],
    [
      'by EventBridge',
      {
        source: 'aws.s3',
        'detail-type': 'Object Created',
        detail: { bucket: { name: 'images' }, object: { key: 'a', etag: 'e' }, reason: 'PutObject' },
      },
      created('a'),
    ],
  ])('%s', (_, event, expected) => {
    expect(parse(event)).toEqual(expected);
  });
});

describe('nothing was created', () => {
  test.each<[string, unknown]>([
    ["by S3's test event", { Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'images' }],
    [
      'by a test event through SNS',
      { Type: 'Notification', Message: JSON.stringify({ Event: 's3:TestEvent' }) },
    ],
    ['by a removal', { Records: [record('a', { eventName: 'ObjectRemoved:Delete' })] }],
    ['by no records', { Records: [] }],
    ['by what else EventBridge tells', { source: 'aws.s3', 'detail-type': 'Object Deleted', detail: {} }],
  ])('%s', (_, event) => {
    expect(parse(event)).toEqual({ created: [] });
  });
});

describe('what is no event says why', () => {
  test.each<[string, string, string]>([
    ['no JSON', 'hello', 'not a JSON object'],
    ['nothing', '', 'not a JSON object'],
    ['a list', '[]', 'not a JSON object'],
    ['another object', '{"a":1}', 'neither Records'],
    ['records that are none', '{"Records":{"0":1}}', 'neither Records'],
    ['a record that is none', '{"Records":[null]}', 'a record that is no object'],
    ['a record without an object', '{"Records":[{"eventName":"ObjectCreated:Put"}]}', 'without bucket name'],
    [
      'a record whose key is a number',
      JSON.stringify({ Records: [record(1 as never)] }),
      'without bucket name',
    ],
    [
      'a record of another major version',
      JSON.stringify({ Records: [record('a', { eventVersion: '3.0' })] }),
      '3.0',
    ],
    ['an SNS message without an event', '{"Type":"Notification","Message":"hello"}', 'SNS'],
    ['EventBridge without an object', '{"source":"aws.s3","detail-type":"Object Created"}', 'EventBridge'],
  ])('%s', (_, body, reason) => {
    expect(parseEvent(body)).toEqual({ malformed: expect.stringContaining(reason) });
  });
});
