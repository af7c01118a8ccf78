import type { Readable, Writable } from 'node:stream';

/**
 * The language between the worker and its image processes. A frame is
 *
 *     u32 length of the header │ u32 length of the body │ header (JSON) │ body (bytes)
 *
 * with little-endian lengths. JSON and bare bytes, because what an image process says is not to be trusted
 * once an image has taken it over: Node's own channel would run its structured-clone parser over it.
 */
export type Frame = { header: unknown; body: Buffer };

const PREFIX = 8;
/** Bytes. Ours stay under 2,000. */
const MAX_HEADER = 1_000_000;

/** Parts of the body are written one after the other; nothing is copied. */
export function writeFrame(stream: Writable, header: unknown, body: Uint8Array[] = []): void {
  const json = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(PREFIX);
  prefix.writeUInt32LE(json.length, 0);
  prefix.writeUInt32LE(
    body.reduce((sum, part) => sum + part.byteLength, 0),
    4,
  );
  stream.cork();
  for (const part of [prefix, json, ...body]) stream.write(part);
  stream.uncork();
}

/**
 * The frames that come in on `stream`, until it ends.
 * @throws {Error} when a frame's header is no JSON, or is longer than any of ours, or its body than `maxBody` bytes
 */
export async function* readFrames(stream: Readable, maxBody: number): AsyncGenerator<Frame> {
  const read = byteReader(stream);
  for (;;) {
    const prefix = await read(PREFIX);
    if (!prefix) return;
    const headerLength = prefix.readUInt32LE(0);
    const bodyLength = prefix.readUInt32LE(4);
    if (headerLength > MAX_HEADER) throw new Error(`A frame's header of ${headerLength} bytes`);
    if (bodyLength > maxBody) throw new Error(`A frame's body of ${bodyLength} bytes`);
    const header = await read(headerLength);
    const body = await read(bodyLength);
    if (!header || !body) return;
    yield { header: JSON.parse(header.toString()), body };
  }
}

/** Answers exactly `count` bytes a call, each copied once; undefined when the stream ends before. */
function byteReader(stream: Readable): (count: number) => Promise<Buffer | undefined> {
  const chunks = stream[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  return async (count) => {
    const whole = Buffer.allocUnsafe(count);
    let filled = 0;
    for (;;) {
      const taken = rest.copy(whole, filled, 0, count - filled);
      filled += taken;
      rest = rest.subarray(taken);
      if (filled === count) return whole;
      // A stream that breaks has ended, too.
      const next = await chunks.next().catch(() => ({ done: true }) as const);
      if (next.done) return undefined;
      rest = next.value;
    }
  };
}
