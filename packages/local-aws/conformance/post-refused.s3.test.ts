import { once } from 'node:events';
import { request } from 'node:http';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect } from 'vitest';
import { behaviour, subject } from './behaviour.ts';
import { type Condition, encode, type FormData, post, postSigned, sign } from './form.ts';
import { answerOf, createBucket, exists, removeBucket, s3, target } from './storage.ts';

let bucket: string;
beforeAll(async () => {
  bucket = await createBucket();
});
afterAll(() => removeBucket(bucket));

const contentOf = async (key: string) => {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return Body?.transformToString();
};

subject('a form that breaks its policy is refused, and nothing is stored:', () => {
  const refused = async (response: Promise<Response>, key: string) => {
    const answer = await answerOf(await response);
    expect(await exists(bucket, key)).toBe(false);
    return answer;
  };

  behaviour('another key', async () => {
    const fields: FormData['fields'] = [['key', 'other'], ...sign(bucket, { conditions: [{ key: 'mine' }] })];
    expect(await refused(post(bucket, { fields, file: 'x' }), 'other')).toMatchObject({
      status: 403,
      code: 'AccessDenied',
    });
  });

  behaviour('a key outside of starts-with', async () => {
    const fields: FormData['fields'] = [
      ['key', 'elsewhere/x'],
      ...sign(bucket, { conditions: [['starts-with', '$key', 'user/']] }),
    ];
    expect(await refused(post(bucket, { fields, file: 'x' }), 'elsewhere/x')).toMatchObject({
      status: 403,
      code: 'AccessDenied',
    });
  });

  behaviour('another content type', async () => {
    const answer = await refused(
      postSigned(bucket, 'wrong-type', 'x', {
        conditions: [{ 'Content-Type': 'image/png' }],
        fields: [['Content-Type', 'text/html']],
      }),
      'wrong-type',
    );
    expect(answer).toMatchObject({ status: 403, code: 'AccessDenied' });
  });

  behaviour('a field that a condition names is missing', async () => {
    const answer = await refused(
      postSigned(bucket, 'missing-field', 'x', { conditions: [{ 'x-amz-meta-owner': 'me' }] }),
      'missing-field',
    );
    expect(answer).toMatchObject({ status: 403, code: 'AccessDenied' });
  });

  behaviour('one of several content types does not start as the policy says', async () => {
    const answer = await refused(
      postSigned(bucket, 'type-list', 'x', {
        conditions: [['starts-with', '$Content-Type', 'image/']],
        fields: [['Content-Type', 'image/png,text/html']],
      }),
      'type-list',
    );
    expect(answer).toMatchObject({ status: 403, code: 'AccessDenied' });
  });

  behaviour('a field that no condition covers', async () => {
    const answer = await refused(
      postSigned(bucket, 'extra-field', 'x', { fields: [['x-amz-meta-extra', 'x']] }),
      'extra-field',
    );
    expect(answer).toMatchObject({ status: 403, code: 'AccessDenied' });
  });

  behaviour('signing fields that no condition covers', async () => {
    const answer = await refused(postSigned(bucket, 'uncovered', 'x', { coverSigning: false }), 'uncovered');
    expect(answer).toMatchObject({ status: 403, code: 'AccessDenied' });
  });

  behaviour('another bucket than the policy’s', async () => {
    const fields: FormData['fields'] = [
      ['key', 'other-bucket'],
      ...sign('some-other-bucket', { conditions: [{ key: 'other-bucket' }] }),
    ];
    expect(await refused(post(bucket, { fields, file: 'x' }), 'other-bucket')).toMatchObject({
      status: 403,
      code: 'AccessDenied',
    });
  });

  behaviour('an expired policy', async () => {
    const answer = await refused(postSigned(bucket, 'expired', 'x', { expiresIn: -1 }), 'expired');
    expect(answer).toMatchObject({ status: 403, code: 'AccessDenied' });
  });

  behaviour('a body over content-length-range', async () => {
    const answer = await refused(
      postSigned(bucket, 'too-large', '12345', { conditions: [['content-length-range', 1, 4]] }),
      'too-large',
    );
    expect(answer).toMatchObject({ status: 400, code: 'EntityTooLarge' });
  });

  behaviour('a body under content-length-range', async () => {
    const answer = await refused(
      postSigned(bucket, 'too-small', '', { conditions: [['content-length-range', 1, 4]] }),
      'too-small',
    );
    expect(answer).toMatchObject({ status: 400, code: 'EntityTooSmall' });
  });
});

subject('the size of a form’s file', () => {
  behaviour('may be either end of content-length-range', async () => {
    const conditions: Condition[] = [['content-length-range', 2, 4]];
    const answers = ['12', '1234'].map((file) => postSigned(bucket, `size/${file}`, file, { conditions }));
    expect((await Promise.all(answers)).map((response) => response.status)).toEqual([204, 204]);
  });

  behaviour('may be nothing where no condition says otherwise', async () => {
    expect((await postSigned(bucket, 'size/empty', '')).status).toBe(204);
    expect(await contentOf('size/empty')).toBe('');
  });

  behaviour('is refused before a body that is too long has all been sent', async () => {
    const { body, type } = encode({
      fields: [
        ['key', 'size/endless'],
        ...sign(bucket, { conditions: [{ key: 'size/endless' }, ['content-length-range', 1, 1000]] }),
      ],
      file: Buffer.alloc(256 * 1024),
    });
    const endless = request(`${target.endpoint}/${bucket}`, {
      method: 'POST',
      headers: { 'Content-Type': type, 'Content-Length': 1_000_000_000 },
      signal: AbortSignal.timeout(5_000),
    });
    // The end of the form is never sent, nor are the announced bytes.
    endless.write(body.subarray(0, -100));
    const [{ statusCode: status }] = await once(endless, 'response');
    endless.destroy();
    expect(status).toBe(400);
    expect(await exists(bucket, 'size/endless')).toBe(false);
  });
});
