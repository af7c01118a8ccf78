import { createHash } from 'node:crypto';
import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { afterAll, beforeAll, expect } from 'vitest';
import { behaviour, subject } from './behaviour.ts';
import { type Condition, type FormData, post, postSigned, sign } from './form.ts';
import { answerOf, createBucket, removeBucket, s3 } from './storage.ts';

let bucket: string;
beforeAll(async () => {
  bucket = await createBucket();
});
afterAll(() => removeBucket(bucket));

const contentOf = async (key: string) => {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return Body?.transformToString();
};

subject('a form that meets its policy', () => {
  behaviour('is stored with its content type and metadata', async () => {
    const key = 'stored/photo';
    const response = await postSigned(bucket, key, 'bytes', {
      conditions: [['starts-with', '$Content-Type', 'image/'], { 'x-amz-meta-note': 'hello' }],
      fields: [
        ['Content-Type', 'image/jpeg'],
        ['x-amz-meta-note', 'hello'],
      ],
    });
    expect(response.status).toBe(204);
    const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    expect(head).toMatchObject({ ContentType: 'image/jpeg', ContentLength: 5, Metadata: { note: 'hello' } });
    expect(await contentOf(key)).toBe('bytes');
  });

  behaviour('keeps Cache-Control and Content-Disposition', async () => {
    const fields: [string, string][] = [
      ['Cache-Control', 'no-store'],
      ['Content-Disposition', 'attachment'],
    ];
    const conditions: Condition[] = fields.map(([name, value]) => ({ [name]: value }));
    await postSigned(bucket, 'stored/headers', 'bytes', { conditions, fields });
    const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'stored/headers' }));
    expect(head).toMatchObject({ CacheControl: 'no-store', ContentDisposition: 'attachment' });
  });

  behaviour('is answered 204 with its ETag and Location', async () => {
    const response = await postSigned(bucket, 'answered/a b', 'bytes');
    expect(response.status).toBe(204);
    expect(response.headers.get('etag')).toBe(`"${createHash('md5').update('bytes').digest('hex')}"`);
    expect(response.headers.get('location')).toContain(`${bucket}/answered%2Fa%20b`);
  });

  behaviour('is answered 201 with XML where it asks for that', async () => {
    const response = await postSigned(bucket, 'answered/201', 'bytes', {
      conditions: [{ success_action_status: '201' }],
      fields: [['success_action_status', '201']],
    });
    expect(response.status).toBe(201);
    const body = await response.text();
    expect(body).toContain(`<Bucket>${bucket}</Bucket>`);
    expect(body).toContain('<Key>answered/201</Key>');
    expect(body).toMatch(/<ETag>.*[0-9a-f]{32}.*<\/ETag>/);
    expect(body).toMatch(/<Location>[^<]*201<\/Location>/);
  });

  behaviour(
    'is answered 200 where it asks for that, and 204 where it asks for what is no choice',
    async () => {
      const answers = ['200', '404'].map((status) =>
        postSigned(bucket, 'answered/status', 'bytes', {
          conditions: [{ success_action_status: status }],
          fields: [['success_action_status', status]],
        }),
      );
      expect((await Promise.all(answers)).map((response) => response.status)).toEqual([200, 204]);
    },
  );

  const redirected = async (key: string, redirect: string) => {
    const response = await postSigned(bucket, key, 'bytes', {
      conditions: [['eq', '$success_action_redirect', redirect]],
      fields: [['success_action_redirect', redirect]],
    });
    expect(response.status).toBe(303);
    return new URL(response.headers.get('location') ?? '');
  };

  behaviour('is redirected with bucket, key and etag where it asks for that', async () => {
    const location = await redirected('answered/redirect', 'https://app.example.com/done');
    expect(location.origin + location.pathname).toBe('https://app.example.com/done');
    expect(Object.fromEntries(location.searchParams)).toMatchObject({ bucket, key: 'answered/redirect' });
    expect(location.searchParams.get('etag')).toMatch(/^"[0-9a-f]{32}"$/);
  });

  behaviour('is redirected to the query that it asks for', async () => {
    const location = await redirected('answered/query', 'https://app.example.com/done?from=form');
    expect(location.searchParams.get('from')).toBe('form');
    expect(location.searchParams.get('key')).toBe('answered/query');
  });

  behaviour('may be the SDK’s', async () => {
    const form = await createPresignedPost(s3, {
      Bucket: bucket,
      Key: 'stored/sdk',
      Fields: { 'Content-Type': 'image/png' },
      Conditions: [
        ['content-length-range', 1, 10],
        ['eq', '$Content-Type', 'image/png'],
      ],
    });
    const response = await post(bucket, { fields: Object.entries(form.fields), file: 'bytes' });
    expect(response.status).toBe(204);
  });

  behaviour('names its fields and conditions in any case', async () => {
    const conditions: Condition[] = [['StArTs-WiTh', '$KeY', 'case/'], { 'CoNtEnT-tYpE': 'image/png' }];
    const fields: FormData['fields'] = [
      ['kEy', 'case/key'],
      ['cONTENT-TYPE', 'image/png'],
      ...sign(bucket, { conditions }).map(([name, value]): [string, string] => [
        name === 'policy' ? 'pOLICy' : name,
        value,
      ]),
    ];
    expect((await post(bucket, { fields, file: 'bytes' })).status).toBe(204);
  });

  behaviour(
    'has the variable of the file’s name in its key replaced before the conditions are asked',
    async () => {
      const form = (filename: string): FormData => ({
        fields: [
          ['key', `named/$\{filename}`],
          ...sign(bucket, { conditions: [['starts-with', '$key', 'named/good']] }),
        ],
        file: 'bytes',
        filename,
      });
      expect((await post(bucket, form('good.txt'))).status).toBe(204);
      expect(await contentOf('named/good.txt')).toBe('bytes');
      expect((await answerOf(await post(bucket, form('bad.txt')))).status).toBe(403);
    },
  );

  behaviour('has what comes behind the file ignored', async () => {
    const fields: FormData['fields'] = [
      ['key', 'behind/key'],
      ...sign(bucket, { conditions: [{ key: 'behind/key' }] }),
    ];
    const after: FormData['fields'] = [['x-amz-meta-late', 'x']];
    expect((await post(bucket, { fields, file: 'bytes', after })).status).toBe(204);
    const { Metadata } = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'behind/key' }));
    expect(Metadata).toEqual({});
  });

  behaviour('may have x-ignore- fields that no condition covers', async () => {
    expect((await postSigned(bucket, 'ignored', 'bytes', { fields: [['x-ignore-me', 'x']] })).status).toBe(
      204,
    );
  });
});
