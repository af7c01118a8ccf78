/** How the image processes of these tests talk to the pool: by the frames of the real one. */
import { Socket } from 'node:net';
import { type Frame, readFrames, writeFrame } from '../../src/image/frames.ts';

const worker = new Socket({ fd: 3 });
worker.on('close', () => process.exit(0));

export const say = (header: unknown, body: Uint8Array[] = []): void => writeFrame(worker, header, body);

/** Answers each image by what `answer` does with it. */
export async function serve(answer: (frame: Frame) => void): Promise<void> {
  say('ready');
  for await (const frame of readFrames(worker, 2 ** 30)) answer(frame);
}

/** The smallest bytes that the worker takes for a WebP. */
export const webp = (): Buffer => {
  const bytes = Buffer.from('RIFF\0\0\0\0WEBPVP8 ', 'latin1');
  bytes.writeUInt32LE(bytes.length - 8, 4);
  return bytes;
};

/** An answer as the real process gives it; `thumbhash` carries `text` out, as far as its alphabet allows. */
export const rendered = (over: object = {}) => ({
  rendered: {
    files: [{ bytes: webp().length, width: 1, height: 1 }],
    thumbhash: 'AAAAAAAA',
    placeholder: 'data:image/webp;base64,AAAA',
    removedMetadata: [],
    ...over,
  },
});
