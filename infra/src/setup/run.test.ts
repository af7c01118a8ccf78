import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { DeleteBucketLifecycleCommand, HeadBucketCommand, PutBucketCorsCommand } from '@aws-sdk/client-s3';
import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { deploy, ORIGIN } from '../../test/deployment.ts';
import { actAs, run, useSetup } from '../../test/setup.ts';
import { failedProbes } from '../../test/verdict.ts';
import { queueUrl } from './queue-steps.ts';

const t = useSetup();

const bucketExists = () =>
  t.aws.s3.send(new HeadBucketCommand({ Bucket: t.bucket })).then(
    () => true,
    () => false,
  );

describe('setup:aws', () => {
  it('makes everything from nothing, so that verify:aws has nothing to say', async () => {
    const { code, out } = await t.setUp();
    expect(code).toBe(0);
    const [planLines = '', progress = ''] = out.split(/\n(?= {2}(?:created|changed) )/, 2);
    expect(planLines).toContain(`+ create  bucket ${t.bucket}`);
    expect(planLines).toContain('+ create  bucket policy');
    expect(planLines).toContain('+ create  notification');
    expect(progress).toContain('created  dead-letter queue');
    expect(await t.planned()).toEqual({});
    const url = await queueUrl(t.aws.sqs, `${t.bucket}-originals`);
    expect(await failedProbes({ ...t, queueUrl: url ?? '' })).toEqual([]);
  });

  it("prints the settings and both roles' policies to go on with", async () => {
    const { out } = await t.setUp();
    expect(out).toContain(`S3_BUCKET=${t.bucket}`);
    expect(out).toContain(`SQS_QUEUE_URL=${t.aws.endpoint}/000000000000/${t.bucket}-originals`);
    expect(out).toContain('S3_FORCE_PATH_STYLE=true');
    expect(out).toContain(`arn:aws:s3:::${t.bucket}/quarantine/*`);
    expect(out).toContain('sqs:ReceiveMessage');
  });

  it('changes nothing in a second run', async () => {
    await t.setUp();
    const { code, out } = await t.setUp();
    expect(code).toBe(0);
    expect(out).toContain('Nothing to change.');
    expect(out).not.toMatch(/^ {2}[+~-] /m);
    expect(out).not.toMatch(/^ {2}(created|changed) /m);
  });

  it('changes nothing with --dry-run, and says what it would do', async () => {
    const { code, out } = await t.setUp('--dry-run');
    expect(code).toBe(0);
    expect(out).toContain('+ create  bucket policy');
    expect(await bucketExists()).toBe(false);
    expect(await queueUrl(t.aws.sqs, `${t.bucket}-originals`)).toBeUndefined();
  });

  it('prints the plan as JSON, and nothing else', async () => {
    const { out } = await t.setUp('--json', '--dry-run');
    expect(JSON.parse(out)).toContainEqual({ step: 'bucket policy', kind: 'create', consent: [] });
  });

  it('corrects what has drifted, and that alone', async () => {
    ({ bucket: t.bucket } = await deploy(t.aws));
    await t.aws.s3.send(new DeleteBucketLifecycleCommand({ Bucket: t.bucket }));
    const QueueUrl = await queueUrl(t.aws.sqs, `${t.bucket}-originals`);
    await t.aws.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '5' } }));
    expect(await t.planned()).toEqual({ lifecycle: 'create', [`queue ${t.bucket}-originals`]: 'change' });
    const { code, out } = await t.setUp();
    expect(code).toBe(0);
    expect(out.match(/^ {2}(created|changed) .*$/gm)).toEqual([
      `  changed  queue ${t.bucket}-originals`,
      '  created  lifecycle',
    ]);
    expect(await t.planned()).toEqual({});
  });

  it('narrows without asking: a CORS wildcard goes', async () => {
    ({ bucket: t.bucket } = await deploy(t.aws));
    const open = { AllowedOrigins: ['*'], AllowedMethods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'] };
    await t.aws.s3.send(
      new PutBucketCorsCommand({ Bucket: t.bucket, CORSConfiguration: { CORSRules: [open] } }),
    );
    expect((await t.setUp()).code).toBe(0);
    expect(await t.planned()).toEqual({});
  });
});

describe('a store without SQS', () => {
  it('gets the bucket alone with --no-queue, and is told how to go on', async () => {
    const { code, out } = await t.setUp('--no-queue');
    expect(code).toBe(0);
    expect(out).not.toMatch(/queue .*-originals|notification$/m);
    expect(out).toContain('Bridge the store');
    expect(out).not.toContain('sqs:ReceiveMessage');
    expect(await queueUrl(t.aws.sqs, `${t.bucket}-originals`)).toBeUndefined();
    expect(await bucketExists()).toBe(true);
  });
});

describe('a call that setup:aws cannot carry out', () => {
  it.each([
    [['--domain', ORIGIN], '--bucket must be 3 to 63'],
    [['--bucket', 'Images', '--domain', ORIGIN], '--bucket'],
    [['--bucket', 'my.images', '--domain', ORIGIN], '--bucket'],
    [['--bucket', 'images'], '--domain: Name at least one origin'],
    [
      ['--bucket', 'images', '--domain', 'https://*.example.com'],
      '--domain: "https://*.example.com" has a wildcard',
    ],
    [['--bucket', 'images', '--domain', '*'], 'has a wildcard'],
    [['--bucket', 'images', '--domain', `${ORIGIN}/app`], 'is not an origin'],
    [['--bucket', 'images', '--domain', ORIGIN, '--endpoint', 'localhost:4566'], '--endpoint must be a URL'],
    [['--bucket', 'images', '--domain', ORIGIN, '--bukcet'], '--bukcet'],
  ])('%j: answers 2, says %s and shows the usage', async (argv, words) => {
    const { code, err } = await run(argv);
    expect(code).toBe(2);
    expect(err).toContain(words);
    expect(err).toContain('--dry-run');
  });

  it('answers 1 and says what to do about wrong credentials', async () => {
    actAs('root', 'another');
    const { code, err } = await t.setUp();
    expect(code).toBe(1);
    expect(err).toContain('does not belong to the access key id');
  });

  it('answers 1 and says what credentials need that may not do it', async () => {
    actAs('api');
    const { code, err } = await t.setUp();
    expect(code).toBe(1);
    expect(err).toContain('setting up needs s3:*Bucket*');
  });

  it('answers 1 and asks whether the endpoint runs where nothing answers', async () => {
    const { code, err } = await run([
      '--bucket',
      t.bucket,
      '--domain',
      ORIGIN,
      '--endpoint',
      'http://127.0.0.1:1',
    ]);
    expect(code).toBe(1);
    expect(err).toContain('Nothing answers at the endpoint');
  });
});

describe('the program', () => {
  it('passes on its arguments and its exit code', async () => {
    const cli = new URL('./cli.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, [cli, '--', '--bucket', 'images', '--domain', '*']);
    const [err, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect(code).toBe(2);
    expect(err).toContain('has a wildcard');
  });
});
