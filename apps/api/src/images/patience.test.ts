import { expect, test } from 'vitest';
import { preferredWait } from './patience.ts';

test.each([
  ['wait=3', 3],
  ['respond-async, wait="3"; x=y', 3],
  ['wait=26', 25],
  ['wait=99999999999999999999', 25],
  ['wait=-1', undefined],
  ['wait=1.5', undefined],
  ['return=minimal', undefined],
])('a caller that prefers %s waits %s seconds', (prefer, seconds) => {
  expect(preferredWait(prefer)).toBe(seconds);
});
