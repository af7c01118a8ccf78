/**
 * The process that decodes what strangers sent. It is started without environment, descriptors or rights
 * (spawn-child.ts) and talks to the worker over descriptor 3 alone, one image at a time.
 */
import { Socket } from 'node:net';
import { convert, type Renditions } from './convert.ts';
import { readFrames, writeFrame } from './frames.ts';
import { hardenSharp } from './harden.ts';
import { inspect } from './inspect.ts';
import type { Reply, Request } from './protocol.ts';
import { ImageRejected } from './rejection.ts';

/** Bytes. The worker holds originals against their row's limit; this only keeps a broken frame from taking all memory. */
const MAX_ORIGINAL = 2 ** 31;

hardenSharp();
const worker = new Socket({ fd: 3 });
// Without the worker there is nobody to work for, whatever is going on.
worker.on('close', () => process.exit(0));
writeFrame(worker, 'ready');
for await (const { header, body } of readFrames(worker, MAX_ORIGINAL)) {
  try {
    reply(await render(body, header as Request));
  } catch (error) {
    // WebAssembly that has trapped is in no state to decode the next image.
    if (error instanceof Error && error.name === 'RuntimeError') throw error;
    const answer: Reply =
      error instanceof ImageRejected
        ? { rejected: { code: error.code, detail: error.message } }
        : { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    writeFrame(worker, answer);
  }
}

async function render(original: Buffer, { declaredType, limits, output }: Request): Promise<Renditions> {
  const header = await inspect(original, declaredType, limits);
  return convert(original, header, output);
}

function reply({ main, variants, thumbhash, placeholder, removedMetadata }: Renditions): void {
  const all = [main, ...variants];
  const files = all.map(({ bytes, width, height }) => ({ bytes: bytes.length, width, height }));
  const answer: Reply = { rendered: { files, thumbhash, placeholder, removedMetadata } };
  writeFrame(
    worker,
    answer,
    all.map(({ bytes }) => bytes),
  );
}
