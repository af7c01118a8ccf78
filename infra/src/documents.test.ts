import { describe, expect, it } from 'vitest';
import {
  bucketPolicy,
  checkOrigins,
  corsRules,
  type Deployment,
  deadLetterQueuePolicy,
  imageIdOfQuarantineKey,
  lifecycleRules,
  MAX_RECEIVES,
  notificationConfiguration,
  publicAccessBlock,
  quarantineKey,
  queueAttributes,
  queuePolicy,
  renditionKey,
  visibilitySeconds,
} from './index.ts';

const deployment: Deployment = {
  bucket: 'images',
  region: 'eu-central-1',
  account: '111122223333',
  origins: ['https://app.example.com'],
  serving: { mode: 'referer' },
  requireTls: true,
};
const id = '3f0c1a52-7a0f-4c06-9d1d-1c9a6f8f7a10';

describe('keys', () => {
  it('hold the id and lie under the prefix of their visibility', () => {
    expect(quarantineKey(id)).toBe(`quarantine/${id}`);
    const image = { id, visibility: 'public' as const, folder: 'avatars/2026' };
    expect(renditionKey(image)).toBe(`public/avatars/2026/${id}.webp`);
    expect(renditionKey(image, 320)).toBe(`public/avatars/2026/${id}-320w.webp`);
  });

  it.each(['quarantine/', 'quarantine/x', `quarantine/${id}/y`, `public/${id}`, `quarantine/${id}\n`, id])(
    'gives no id for a key that we did not make: %j',
    (key) => {
      expect(imageIdOfQuarantineKey(key)).toBeUndefined();
    },
  );

  it('gives the id back', () => {
    expect(imageIdOfQuarantineKey(quarantineKey(id))).toBe(id);
  });
});

describe('origins', () => {
  it.each([
    '*',
    'https://*.example.com',
    'example.com',
    'https://example.com/app',
    'https://example.com/',
    'ftp://x.org',
  ])('refuses %j', (origin) => {
    expect(() => checkOrigins([origin])).toThrow(origin);
    expect(() => corsRules([origin])).toThrow();
    expect(() => bucketPolicy({ ...deployment, origins: [origin] })).toThrow();
  });

  it('refuses to lock the bucket to nobody', () => {
    expect(() => checkOrigins([])).toThrow('at least one origin');
  });
});

describe('bucket policy', () => {
  it('allows the anonymous nothing but reading public images', () => {
    const allows = bucketPolicy(deployment).Statement.filter(({ Effect }) => Effect === 'Allow');
    expect(allows).toEqual([
      expect.objectContaining({
        Action: 's3:GetObject',
        Resource: 'arn:aws:s3:::images/public/*',
        Condition: { StringLike: { 'aws:Referer': ['https://app.example.com/*'] } },
      }),
    ]);
  });

  it('has no anonymous allow at all behind CloudFront, and the bucket then blocks public policies', () => {
    const serving = {
      mode: 'cloudfront',
      distributionArn: 'arn:aws:cloudfront::111122223333:distribution/E1',
    } as const;
    const allows = bucketPolicy({ ...deployment, serving }).Statement.filter(
      ({ Effect }) => Effect === 'Allow',
    );
    expect(allows.map(({ Principal }) => Principal)).toEqual([{ Service: 'cloudfront.amazonaws.com' }]);
    expect(publicAccessBlock(serving.mode).RestrictPublicBuckets).toBe(true);
  });

  it('demands TLS and the own account exactly where they exist', () => {
    const sids = (d: Deployment) => bucketPolicy(d).Statement.map(({ Sid }) => Sid);
    expect(sids(deployment)).toEqual(expect.arrayContaining(['DenyPlainHttp', 'DenyOtherAccounts']));
    const local = sids({ ...deployment, requireTls: false, account: undefined });
    expect(local).not.toEqual(expect.arrayContaining(['DenyPlainHttp']));
    expect(local).not.toEqual(expect.arrayContaining(['DenyOtherAccounts']));
  });
});

describe('queues', () => {
  it('hides a message longer than two tries of the slowest image take', () => {
    expect(visibilitySeconds(30)).toBeGreaterThan(2 * 30);
    expect(visibilitySeconds(600)).toBeGreaterThan(2 * 600);
  });

  it('refuses an image timeout for which SQS has no visibility, or that outlasts the message', () => {
    expect(() => visibilitySeconds(30_000)).toThrow('SQS allows');
    expect(() => visibilitySeconds(10_000)).toThrow('outlast');
  });

  it('are used by TLS alone, where there is TLS', () => {
    const plainHttp = { Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } };
    const policy = (requireTls: boolean) =>
      queuePolicy({ queueArn: 'arn:q', bucket: 'images', account: '111122223333', requireTls }).Statement;
    expect(policy(true)).toContainEqual(expect.objectContaining(plainHttp));
    expect(policy(false)).not.toContainEqual(expect.objectContaining(plainHttp));
    expect(deadLetterQueuePolicy('arn:dead').Statement).toEqual([expect.objectContaining(plainHttp)]);
  });

  it('gives up on a message after as many receives as the worker does', () => {
    const redrive = JSON.parse(queueAttributes({ deadLetterArn: 'arn:dead' }).RedrivePolicy ?? '{}');
    expect(redrive).toEqual({ deadLetterTargetArn: 'arn:dead', maxReceiveCount: MAX_RECEIVES });
  });
});

describe('bucket settings', () => {
  it('reports only originals, so that what the worker writes does not wake it', () => {
    expect(notificationConfiguration('arn:q').QueueConfigurations[0]?.Filter.Key.FilterRules).toEqual([
      { Name: 'prefix', Value: 'quarantine/' },
    ]);
  });

  it('lets no original and no part of one outlive a day, versioned or not', () => {
    for (const versioned of [false, true]) {
      const [originals] = lifecycleRules({ versioned });
      expect(originals).toMatchObject({
        Filter: { Prefix: 'quarantine/' },
        Expiration: { Days: 1 },
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
        ...(versioned ? { NoncurrentVersionExpiration: { NoncurrentDays: 1 } } : {}),
      });
    }
  });
});
