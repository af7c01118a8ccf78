import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { type Frame, readFrames, writeFrame } from './frames.ts';

async function read(stream: PassThrough, maxBody = 1_000): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const frame of readFrames(stream, maxBody)) frames.push(frame);
  return frames;
}

test('frames arrive as they were sent, however the stream cuts them', async () => {
  const written = new PassThrough();
  writeFrame(written, { number: 1 }, [Buffer.from('ab'), Buffer.from('c')]);
  writeFrame(written, 'ready');
  writeFrame(written, { number: 3 }, [Buffer.alloc(500, 'x')]);
  const bytes: Buffer = written.read();
  for (const size of [1, 7, 64, bytes.length]) {
    const stream = new PassThrough();
    for (let at = 0; at < bytes.length; at += size) stream.write(bytes.subarray(at, at + size));
    stream.end();
    const frames = await read(stream);
    expect(frames.map(({ header, body }) => [header, body.toString()])).toEqual([
      [{ number: 1 }, 'abc'],
      ['ready', ''],
      [{ number: 3 }, 'x'.repeat(500)],
    ]);
  }
});

test('a frame that is cut off is none', async () => {
  const stream = new PassThrough();
  writeFrame(stream, 'whole');
  stream.end(Buffer.from([5, 0, 0, 0, 0, 0, 0, 0, 34]));
  expect(await read(stream)).toHaveLength(1);
});

test.each<[string, (stream: PassThrough) => void, string]>([
  [
    'a body longer than allowed',
    (stream) => writeFrame(stream, {}, [Buffer.alloc(1_001)]),
    'body of 1001 bytes',
  ],
  [
    'a header longer than any of ours',
    (stream) => stream.write(Buffer.alloc(8, 255)),
    'header of 4294967295 bytes',
  ],
  ['a header that is no JSON', (stream) => stream.write(Buffer.from('\x01\0\0\0\0\0\0\0{')), 'JSON'],
])('%s is refused before it is read', async (_, send, message) => {
  const stream = new PassThrough();
  send(stream);
  stream.end();
  await expect(read(stream)).rejects.toThrow(message);
});
