import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNT, type Aws, deploy, REGION, roles as right, startAws } from '../../test/deployment.ts';
import { failedProbes } from '../../test/verdict.ts';
import type { PolicyDocument, Statement } from '../index.ts';

const { api, worker } = right;

const allow = (Action: string, ...Resource: string[]): Statement => ({
  Sid: 'TooMuch',
  Effect: 'Allow',
  Action,
  Resource,
});
const and = ({ Version, Statement }: PolicyDocument, ...more: Statement[]): PolicyDocument => ({
  Version,
  Statement: [...Statement, ...more],
});
const without = ({ Version, Statement }: PolicyDocument, sid: string): PolicyDocument => ({
  Version,
  Statement: Statement.filter(({ Sid }) => Sid !== sid),
});

/** Policies a little too wide or too narrow, with exactly the probes that show it. */
const roles: { what: string; role: 'api' | 'worker'; policy: PolicyDocument; shows: string[] }[] = [
  {
    what: 'the API may read originals',
    role: 'api',
    policy: and(api, allow('s3:GetObject', 'arn:aws:s3:::*/quarantine/*')),
    shows: ['the API cannot read originals'],
  },
  {
    what: 'the API may list originals',
    role: 'api',
    policy: and(api, {
      ...allow('s3:ListBucket', 'arn:aws:s3:::*'),
      Condition: { StringLike: { 's3:prefix': 'quarantine/*' } },
    }),
    shows: ['the API cannot list the bucket'],
  },
  {
    what: 'the API may write public images',
    role: 'api',
    policy: and(api, allow('s3:PutObject', 'arn:aws:s3:::*/public/*')),
    shows: ['the API cannot write finished images'],
  },
  {
    what: 'the API may delete anything',
    role: 'api',
    policy: and(api, allow('s3:DeleteObject', 'arn:aws:s3:::*/*')),
    shows: ['the API cannot touch keys outside our prefixes'],
  },
  {
    what: 'the API may change the bucket policy',
    role: 'api',
    policy: and(api, allow('s3:PutBucketPolicy', 'arn:aws:s3:::*')),
    shows: ['the API cannot change the bucket policy'],
  },
  {
    what: 'the API may receive from the queue',
    role: 'api',
    policy: and(api, allow('sqs:ReceiveMessage', `arn:aws:sqs:${REGION}:${ACCOUNT}:*`)),
    shows: ['the API cannot receive from the queue'],
  },
  {
    what: 'the API may do anything',
    role: 'api',
    policy: { Version: '2012-10-17', Statement: [allow('*', '*')] },
    shows: [
      'the API cannot read originals',
      'the API cannot list the bucket',
      'the API cannot write finished images',
      'the API cannot touch keys outside our prefixes',
      'the API cannot change the bucket policy',
      'the API cannot receive from the queue',
    ],
  },
  {
    what: 'the API may sign no links',
    role: 'api',
    policy: without(api, 'SignLinks'),
    shows: ['the API can sign links to finished images'],
  },
  {
    what: 'the API may not delete',
    role: 'api',
    policy: without(api, 'DeleteImages'),
    shows: ['the API can delete originals and images'],
  },
  {
    what: 'the worker may list the whole bucket',
    role: 'worker',
    policy: and(worker, allow('s3:ListBucket', 'arn:aws:s3:::*')),
    shows: ['the worker cannot list outside quarantine/'],
  },
  {
    what: 'the worker may write elsewhere',
    role: 'worker',
    policy: and(worker, allow('s3:PutObject', 'arn:aws:s3:::*/elsewhere/*')),
    shows: ['the worker cannot write outside public/ and private/'],
  },
  {
    what: 'the worker may write originals',
    role: 'worker',
    policy: and(worker, allow('s3:PutObject', 'arn:aws:s3:::*/quarantine/*')),
    shows: ['the worker cannot write outside public/ and private/'],
  },
  {
    what: 'the worker may delete anything',
    role: 'worker',
    policy: and(worker, allow('s3:DeleteObject', 'arn:aws:s3:::*/*')),
    shows: ['the worker cannot delete outside our prefixes'],
  },
  {
    what: 'the worker may read private images',
    role: 'worker',
    policy: and(worker, allow('s3:GetObject', 'arn:aws:s3:::*/private/*')),
    shows: ['the worker cannot read finished images'],
  },
  {
    what: 'the worker may change the bucket policy',
    role: 'worker',
    policy: and(worker, allow('s3:PutBucketPolicy', 'arn:aws:s3:::*')),
    shows: ['the worker cannot change the bucket policy'],
  },
  {
    what: 'the worker may not receive from the queue',
    role: 'worker',
    policy: without(worker, 'ConsumeQueue'),
    shows: ['an event arrives at the queue'],
  },
  {
    what: 'the worker may not list originals',
    role: 'worker',
    policy: without(worker, 'FindOriginals'),
    shows: ['the worker can find and read originals'],
  },
];

/** Each policy is that of a user of its own. */
const userOf = (what: string): string => what.replaceAll(' ', '-');

let aws: Aws;
beforeAll(async () => {
  const spoilt = Object.fromEntries(roles.map(({ what, policy }) => [userOf(what), policy]));
  aws = await startAws({ ...right, ...spoilt });
});
afterAll(() => aws.stop());

describe('a role too wide or too narrow fails exactly the probes that ask for it', () => {
  it.each(roles)('$what', async ({ what, role, shows }) => {
    expect(await failedProbes(await deploy(aws), { [role]: userOf(what) })).toEqual(shows);
  });
});
