import { expect, test } from 'vitest';
import { declaredType } from './declared-type.ts';

test.each([
  ['IMAGE/JPEG', 'photo', 'image/jpeg'],
  ['image/jpg', 'photo', 'image/jpeg'],
  ['application/octet-stream', 'photo.HEIC', 'image/heic'],
  // What a part without a Content-Type counts as: Python's requests sends such.
  ['text/plain', 'photo.jpg', 'image/jpeg'],
  ['text/plain', 'notes.txt', undefined],
  ['text/html', 'photo.jpg', undefined],
])('a file of type %s named %s is declared to be %s', (contentType, filename, type) => {
  expect(declaredType({ contentType, filename })).toBe(type);
});
