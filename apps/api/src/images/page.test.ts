import type { Image } from '@s3-image-app/db';
import { expect, test } from 'vitest';
import { Problem } from '../problems.ts';
import { cutPage, decodeCursor, nextLink } from './page.ts';

const row = (n: number) =>
  ({ id: `00000000-0000-4000-8000-00000000000${n}`, createdAt: new Date(1_700_000_000_000 + n) }) as Image;

test('a page that is not the last carries a cursor that leads back to its last row', () => {
  const { shown, nextCursor } = cutPage([row(3), row(2), row(1)], 2);
  expect(shown).toEqual([row(3), row(2)]);
  expect(decodeCursor(nextCursor ?? '')).toEqual({ id: row(2).id, createdAt: row(2).createdAt });
});

test('the last page carries none, full or not', () => {
  expect(cutPage([row(2), row(1)], 2).nextCursor).toBeNull();
  expect(cutPage([], 2)).toEqual({ shown: [], nextCursor: null });
});

test('a link to the next page keeps the rest of the query', () => {
  expect(nextLink('/api/images?limit=2&cursor=old', 'new')).toBe(
    '</api/images?limit=2&cursor=new>; rel="next"',
  );
  expect(nextLink('http://other.example/api/images?owner=a?b&limit=2', 'new')).toBe(
    '</api/images?owner=a%3Fb&limit=2&cursor=new>; rel="next"',
  );
});

test.each(['', 'x', 'MTIz', Buffer.from('99999999999999999.nonsense').toString('base64url'), '%00'])(
  'the cursor %j is refused by name',
  (cursor) => {
    expect(() => decodeCursor(cursor)).toThrow(Problem);
  },
);
