import { createHash } from 'node:crypto';
import { HeadObjectCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect } from 'vitest';
import { behaviour, subject } from './behaviour.ts';
import { type FormData, post, postSigned, sign } from './form.ts';
import { answerOf, createBucket, exists, removeBucket, s3, target } from './storage.ts';

let bucket: string;
beforeAll(async () => {
  bucket = await createBucket();
});
afterAll(() => removeBucket(bucket));

/** A signed form for one key, with one of its fields changed. */
const tampered = (key: string, name: string, change: (value: string) => string) => {
  const fields: FormData['fields'] = [
    ['key', key],
    ...sign(bucket, { conditions: [{ key }] }).map(([field, value]): [string, string] => [
      field,
      field === name ? change(value) : value,
    ]),
  ];
  return post(bucket, { fields, file: 'x' }).then(answerOf);
};

subject('the signature of a form', () => {
  behaviour('is refused as SignatureDoesNotMatch where it was changed', async () => {
    const answer = await tampered('tampered', 'x-amz-signature', (value) =>
      value.replace(/^./, (c) => (c === '0' ? '1' : '0')),
    );
    expect(answer).toMatchObject({ status: 403, code: 'SignatureDoesNotMatch' });
    expect(await exists(bucket, 'tampered')).toBe(false);
  });

  behaviour('does not cover a policy that was changed', async () => {
    const answer = await tampered('tampered', 'policy', (value) =>
      Buffer.from(Buffer.from(value, 'base64').toString().replace('tampered', 'elsewhere')).toString(
        'base64',
      ),
    );
    expect(answer.status).toBe(403);
    expect(await exists(bucket, 'tampered')).toBe(false);
  });

  behaviour('of another secret is refused', async () => {
    const keys = { ...target.root, secretAccessKey: 'not-the-secret' };
    expect((await postSigned(bucket, 'other-secret', 'x', { keys })).status).toBe(403);
  });

  behaviour('of an unknown access key is refused as InvalidAccessKeyId', async () => {
    const keys = { accessKeyId: 'NOSUCHKEY', secretAccessKey: 'secret' };
    expect(await answerOf(await postSigned(bucket, 'unknown-key', 'x', { keys }))).toMatchObject({
      status: 403,
      code: 'InvalidAccessKeyId',
    });
  });

  behaviour('for another region is refused', async () => {
    const answer = await answerOf(await postSigned(bucket, 'region', 'x', { region: 'eu-north-1' }));
    expect(answer.status).toBe(400);
  });

  behaviour('must be there where a policy is', async () => {
    const fields = sign(bucket, { conditions: [{ key: 'unsigned' }] }).filter(
      ([name]) => name !== 'x-amz-signature',
    );
    const answer = await answerOf(
      await post(bucket, { fields: [['key', 'unsigned'], ...fields], file: 'x' }),
    );
    expect(answer.status).toBe(400);
  });

  behaviour('and policy may be missing only where anybody may write', async () => {
    const answer = await answerOf(await post(bucket, { fields: [['key', 'anonymous']], file: 'x' }));
    expect(answer).toMatchObject({ status: 403, code: 'AccessDenied' });
  });
});

subject('the policy of a form', () => {
  const expiration = new Date(Date.now() + 60_000).toISOString();
  // Apart from what each of them has wrong, these cover every field of the form.
  const conditions = [
    { bucket: '' },
    ['starts-with', '$key', ''],
    ['starts-with', '$x-amz-algorithm', ''],
    ['starts-with', '$x-amz-credential', ''],
    ['starts-with', '$x-amz-date', ''],
  ];
  const documents: Record<string, unknown> = {
    'that is no JSON': 'not json',
    'without expiration': { conditions },
    'without conditions': { expiration },
    'with a date that is none': { expiration: 'tomorrow', conditions },
    'with an empty condition': { expiration, conditions: [...conditions, {}] },
    'with an unknown operator': { expiration, conditions: [...conditions, ['ends-with', '$key', 't']] },
    'with a range of one end': { expiration, conditions: [...conditions, ['content-length-range', 0]] },
    'with a range below nothing': {
      expiration,
      conditions: [...conditions, ['content-length-range', -1, 9]],
    },
    'with its members in another case': { EXPIRATION: expiration, CONDITIONS: conditions },
  };
  for (const [name, value] of Object.entries(documents)) {
    behaviour(`is refused ${name}`, async () => {
      const document =
        typeof value === 'string'
          ? value
          : JSON.stringify(value).replace('"bucket":""', `"bucket":"${bucket}"`);
      const answer = await answerOf(
        await post(bucket, {
          fields: [['key', `document ${name}`], ...sign(bucket, { document })],
          file: 'x',
        }),
      );
      expect(answer.status).toBe(400);
      expect(await exists(bucket, `document ${name}`)).toBe(false);
    });
  }

  behaviour('is refused as InvalidPolicyDocument', async () => {
    const fields: FormData['fields'] = [['key', 'document'], ...sign(bucket, { document: '{}' })];
    expect((await answerOf(await post(bucket, { fields, file: 'x' }))).code).toBe('InvalidPolicyDocument');
  });
});

subject('a form is refused that', () => {
  behaviour('has no key', async () => {
    const answer = await answerOf(await post(bucket, { fields: sign(bucket), file: 'x' }));
    expect(answer).toMatchObject({ status: 400, code: 'InvalidArgument' });
  });

  behaviour('has its key behind the file', async () => {
    const after: FormData['fields'] = [['key', 'late']];
    const answer = await answerOf(await post(bucket, { fields: sign(bucket), file: 'x', after }));
    expect(answer.status).toBe(400);
  });

  behaviour('has more than 20 KB of fields before the file', async () => {
    const note = 'x'.repeat(21 * 1024);
    const answer = await answerOf(
      await postSigned(bucket, 'long-fields', 'x', { fields: [['x-ignore-note', note]] }),
    );
    expect(answer).toMatchObject({ status: 400, code: 'MaxPostPreDataLengthExceeded' });
  });

  behaviour('is not multipart/form-data', async () => {
    const answer = await answerOf(
      await post(bucket, { fields: [], file: 'x' }, { 'Content-Type': 'application/x-www-form-urlencoded' }),
    );
    expect(answer).toMatchObject({ status: 412, code: 'PreconditionFailed' });
  });

  behaviour('has no boundary', async () => {
    const answer = await answerOf(
      await post(bucket, { fields: [], file: 'x' }, { 'Content-Type': 'multipart/form-data' }),
    );
    expect(answer).toMatchObject({ status: 400, code: 'MalformedPOSTRequest' });
  });
});

subject('a digest in a form', () => {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('base64');
  const withDigest = async (name: string, value: string, key: string) =>
    answerOf(
      await postSigned(bucket, key, 'bytes', { conditions: [{ [name]: value }], fields: [[name, value]] }),
    );

  behaviour('x-amz-checksum-sha256 is kept where it is right', async () => {
    const value = sha256('bytes');
    expect((await withDigest('x-amz-checksum-sha256', value, 'digest/right')).status).toBe(204);
    const head = await s3.send(
      new HeadObjectCommand({ Bucket: bucket, Key: 'digest/right', ChecksumMode: 'ENABLED' }),
    );
    expect(head.ChecksumSHA256).toBe(value);
  });

  behaviour('x-amz-checksum-sha256 is refused where it is wrong', async () => {
    const answer = await withDigest('x-amz-checksum-sha256', sha256('other'), 'digest/wrong');
    expect(answer).toMatchObject({ status: 400, code: 'BadDigest' });
    expect(await exists(bucket, 'digest/wrong')).toBe(false);
  });

  behaviour('x-amz-checksum-sha256 is refused where it can be none', async () => {
    const answer = await withDigest('x-amz-checksum-sha256', 'sailorjerry', 'digest/none');
    expect(answer).toMatchObject({ status: 400, code: 'InvalidRequest' });
  });

  behaviour('Content-MD5 is refused where it is wrong', async () => {
    const value = createHash('md5').update('other').digest('base64');
    const answer = await withDigest('Content-MD5', value, 'digest/md5');
    expect(answer).toMatchObject({ status: 400, code: 'BadDigest' });
    expect(await exists(bucket, 'digest/md5')).toBe(false);
  });
});

subject(
  'who signs a form',
  () => {
    const keys = target.app ?? target.root;
    const statement = (Sid: string, Effect: string, key: string) => ({
      Sid,
      Effect,
      Principal: { AWS: target.app?.principal },
      Action: 's3:PutObject',
      Resource: `arn:aws:s3:::${bucket}/${key}`,
    });

    behaviour('must be allowed to put the object', async () => {
      expect(await answerOf(await postSigned(bucket, 'signer/none', 'x', { keys }))).toMatchObject({
        status: 403,
        code: 'AccessDenied',
      });
      const Policy = JSON.stringify({
        Version: '2012-10-17',
        Statement: [statement('Allow', 'Allow', 'signer/*'), statement('Deny', 'Deny', 'signer/denied/*')],
      });
      await s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }));
      expect((await postSigned(bucket, 'signer/allowed', 'x', { keys })).status).toBe(204);
      expect((await postSigned(bucket, 'signer/denied/x', 'x', { keys })).status).toBe(403);
      expect((await postSigned(bucket, 'elsewhere', 'x', { keys })).status).toBe(403);
    });
  },
  { needs: target.app !== undefined },
);
