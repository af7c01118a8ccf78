import { Writable } from 'node:stream';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { loggerOptions } from './logger.ts';

const logged = (entry: object): string => {
  let text = '';
  const sink = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  pino(loggerOptions({ level: 'info', name: 'test' }), sink).info(entry, 'message');
  return text;
};

it('censors credentials, forms, presigned URLs and file names, at any depth an entry has', () => {
  const text = logged({
    req: { headers: { authorization: 'Bearer hunter2' } },
    upload: { url: 'https://b/hunter2', fields: { Policy: 'hunter2' } },
    body: { filename: 'hunter2.jpg' },
    image: { form: { 'X-Amz-Signature': 'x', signature: 'hunter2' } },
    token: 'hunter2',
  });
  expect(text).not.toContain('hunter2');
  expect(text).toContain('[redacted]');
});

it('writes JSON lines with the level as a word and the time in ISO 8601', () => {
  expect(JSON.parse(logged({ imageId: 'i1' }))).toMatchObject({
    level: 'info',
    name: 'test',
    imageId: 'i1',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
  });
});
