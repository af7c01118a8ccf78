import type { Image, ImageStatus } from '@s3-image-app/db';
import { describe, expect, test } from 'vitest';
import { authorise } from './authorise.ts';

const callers = {
  owner: { sub: 'alice', admin: false },
  other: { sub: 'bob', admin: false },
  admin: { sub: 'root', admin: true },
};

const image = (status: ImageStatus, visibility: 'public' | 'private') =>
  ({ ownerId: 'alice', status, visibility }) as Image;

describe('an owner and an administrator', () => {
  test.each(['pending', 'processing', 'ready', 'rejected', 'failed', 'expired'] as const)(
    'may read and change an image that is %s',
    (status) => {
      for (const visibility of ['public', 'private'] as const) {
        for (const intent of ['read', 'change'] as const) {
          expect(authorise(callers.owner, image(status, visibility), intent)).toBe('allow');
          expect(authorise(callers.admin, image(status, visibility), intent)).toBe('allow');
        }
      }
    },
  );
});

describe('anybody else', () => {
  test('may read what is public and ready, and knows that changing it is forbidden', () => {
    expect(authorise(callers.other, image('ready', 'public'), 'read')).toBe('allow');
    expect(authorise(callers.other, image('ready', 'public'), 'change')).toBe('forbid');
  });

  test.each([
    ['ready', 'private'],
    ['pending', 'public'],
    ['processing', 'public'],
    ['rejected', 'public'],
    ['failed', 'public'],
    ['expired', 'public'],
  ] as const)('does not learn of an image that is %s and %s', (status, visibility) => {
    for (const intent of ['read', 'change'] as const) {
      expect(authorise(callers.other, image(status, visibility), intent)).toBe('hide');
    }
  });
});

test('an image that is being deleted, or is none, is hidden from everybody', () => {
  for (const caller of Object.values(callers)) {
    expect(authorise(caller, image('deleting', 'public'), 'read')).toBe('hide');
    expect(authorise(caller, undefined, 'read')).toBe('hide');
  }
});
