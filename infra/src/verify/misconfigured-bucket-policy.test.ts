import { DeleteBucketPolicyCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { type Deployed, ORIGIN, REGION } from '../../test/deployment.ts';
import { eachFailsItsProbes, type WrongSetting } from '../../test/wrong-setting.ts';
import { bucketPolicy, type Statement } from '../index.ts';

const putPolicy = ({ aws, bucket }: Deployed, change: (statements: Statement[]) => Statement[]) => {
  const deployment = { bucket, region: REGION, origins: [ORIGIN], requireTls: false };
  const { Version, Statement } = bucketPolicy({ ...deployment, serving: { mode: 'referer' } });
  const Policy = JSON.stringify({ Version, Statement: change(Statement) });
  return aws.s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }));
};

/** The policy with something more that everybody may do, and without the deny that would be in its way. */
const opened = (deployed: Deployed, action: string, ...resources: string[]) =>
  putPolicy(deployed, (statements) => [
    ...statements.filter(({ Sid }) => Sid !== 'DenyAnonymousOnUntrustedAndPrivate'),
    { Sid: 'TooMuch', Effect: 'Allow', Principal: '*', Action: action, Resource: resources },
  ]);

/** A bucket policy too wide, too narrow or gone. */
const policies: WrongSetting[] = [
  {
    what: 'the bucket policy is gone',
    spoil: ({ aws, bucket }) => aws.s3.send(new DeleteBucketPolicyCommand({ Bucket: bucket })),
    shows: ['a public image opens on an allowed site', 'the bucket policy denies all that it should'],
  },
  {
    what: 'the Referer lock is open to all',
    spoil: (deployed) =>
      putPolicy(deployed, (statements) =>
        statements.map(({ Condition, ...rest }) =>
          rest.Effect === 'Allow' ? rest : { ...rest, ...(Condition ? { Condition } : {}) },
        ),
      ),
    shows: [
      'a public image does not open on another site',
      'a public image does not open without a Referer',
      // What everybody may read, the worker may too.
      'the worker cannot read finished images',
    ],
  },
  {
    what: 'the Referer lock matches the start of a host',
    spoil: (deployed) =>
      putPolicy(deployed, (statements) =>
        statements.map((statement) =>
          statement.Effect === 'Allow'
            ? { ...statement, Condition: { StringLike: { 'aws:Referer': `${ORIGIN}*` } } }
            : statement,
        ),
      ),
    shows: ['a public image does not open on another site'],
  },
  {
    what: 'private/ can be read by everybody',
    spoil: (deployed) => opened(deployed, 's3:GetObject', `arn:aws:s3:::${deployed.bucket}/private/*`),
    shows: [
      'an anonymous read of private/ is refused',
      'the worker cannot read finished images',
      'the bucket policy denies all that it should',
    ],
  },
  {
    what: 'quarantine/ can be read by everybody',
    spoil: (deployed) => opened(deployed, 's3:GetObject', `arn:aws:s3:::${deployed.bucket}/quarantine/*`),
    shows: [
      'an anonymous read of quarantine/ is refused',
      'the API cannot read originals',
      'the bucket policy denies all that it should',
    ],
  },
  {
    what: 'everybody can put public images',
    spoil: (deployed) => opened(deployed, 's3:PutObject', `arn:aws:s3:::${deployed.bucket}/public/*`),
    shows: [
      'an anonymous upload is refused',
      'the API cannot write finished images',
      'the bucket policy denies all that it should',
    ],
  },
  {
    what: 'everybody can list the bucket',
    spoil: (deployed) => opened(deployed, 's3:ListBucket', `arn:aws:s3:::${deployed.bucket}`),
    shows: [
      'an anonymous listing is refused',
      'the API cannot list the bucket',
      'the worker cannot list outside quarantine/',
      'the bucket policy denies all that it should',
    ],
  },
  {
    what: 'everybody can delete public images',
    spoil: (deployed) => opened(deployed, 's3:DeleteObject', `arn:aws:s3:::${deployed.bucket}/public/*`),
    shows: ['an anonymous deletion is refused', 'the bucket policy denies all that it should'],
  },
];

eachFailsItsProbes(policies);
