import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { decodeAwsChunked } from './aws-chunked.ts';

async function* inPieces(text: string, size: number) {
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const ENCODED = '5\r\nhello\r\na;extension=x\r\n\r\n world\r\n\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n';

test('aws-chunked is decoded however the bytes are cut', async () => {
  for (let size = 1; size <= ENCODED.length; size += 1) {
    const trailers: Record<string, string> = {};
    const decoded = await buffer(decodeAwsChunked(inPieces(ENCODED, size), trailers));
    expect(decoded.toString()).toBe('hello\r\n world\r\n');
    expect(trailers).toEqual({ 'x-amz-checksum-crc32': 'AAAA' });
  }
});

test.each([
  ['that ends too early', ENCODED.slice(0, 20)],
  ['without its trailer’s end', ENCODED.slice(0, -2)],
  ['with a size that is none', 'five\r\nhello\r\n0\r\n\r\n'],
  ['with a chunk longer than its size', '4\r\nhello\r\n0\r\n\r\n'],
  ['with a line without end', '1'.repeat(10_000)],
])('aws-chunked %s is IncompleteBody', async (_name, text) => {
  await expect(buffer(decodeAwsChunked(inPieces(text, 7), {}))).rejects.toMatchObject({
    code: 'IncompleteBody',
  });
});
