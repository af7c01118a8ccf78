import { AwsError } from '../errors.ts';

/** The longest line between chunks: a size in hex with an extension, or a trailing header. */
const MAX_LINE_BYTES = 8 * 1024;

/**
 * Decodes the `aws-chunked` content encoding: `HEX-SIZE[;extension]\r\n DATA \r\n` for each chunk, a chunk of size
 * 0, then trailing headers up to an empty line.
 * @param trailers receives the trailing headers, names in lower case
 * @throws {AwsError} IncompleteBody
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Buffer>,
  trailers: Record<string, string>,
): AsyncGenerator<Buffer> {
  let state: 'size' | 'data' | 'after-data' | 'trailer' | 'end' = 'size';
  let left = 0;
  let line = '';
  for await (const input of source) {
    for (let at = 0; at < input.length && state !== 'end'; ) {
      if (state === 'data') {
        const taken = input.subarray(at, at + left);
        yield taken;
        at += taken.length;
        left -= taken.length;
        if (left === 0) state = 'after-data';
        continue;
      }
      const newline = input.indexOf('\n', at);
      line += input.toString('latin1', at, newline === -1 ? input.length : newline);
      if (line.length > MAX_LINE_BYTES) throw incompleteBody();
      if (newline === -1) break;
      at = newline + 1;
      const complete = line.replace(/\r$/, '');
      line = '';
      if (state === 'size') {
        left = parseSize(complete);
        state = left === 0 ? 'trailer' : 'data';
      } else if (state === 'after-data') {
        if (complete !== '') throw incompleteBody();
        state = 'size';
      } else if (complete === '') {
        state = 'end';
      } else {
        const [name = '', value = ''] = complete.split(/:(.*)/s, 2);
        trailers[name.trim().toLowerCase()] = value.trim();
      }
    }
  }
  if (state !== 'end') throw incompleteBody();
}

function parseSize(line: string): number {
  const size = /^([0-9a-f]{1,12})(?:;|$)/i.exec(line)?.[1];
  if (size === undefined) throw incompleteBody();
  return Number.parseInt(size, 16);
}

export const incompleteBody = () =>
  new AwsError(
    400,
    'IncompleteBody',
    'You did not provide the number of bytes specified by the Content-Length HTTP header',
  );
