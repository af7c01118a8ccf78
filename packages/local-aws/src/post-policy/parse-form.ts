import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { Busboy } from '@fastify/busboy';
import { AwsError, invalidArgument, preconditionFailed } from '../errors.ts';
import { bytesOf } from '../payload/body.ts';

/** S3's limit for everything before the file: docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html */
const MAX_FIELD_BYTES = 20 * 1024;

export type Form = {
  /** Lower-case name → value. A field that is given several times has its values joined by commas. */
  fields: Record<string, string>;
  /** Lower-case name → the name as it was sent. */
  names: Record<string, string>;
  /** As the client's file was called; absent if it didn't say. */
  filename: string | undefined;
  file: AsyncIterable<Buffer>;
  /** Settles when the whole form has been read, which needs the file to be read. */
  ended: Promise<void>;
  /** Reads a refused file to nowhere, so that the rest of the request can pass and the answer be read. */
  discard(): void;
};

/**
 * Reads a multipart/form-data request up to its file, and hands the file on as a stream. What comes behind the
 * file is ignored, as S3 ignores it.
 * @throws {AwsError} MalformedPOSTRequest, MaxPostPreDataLengthExceeded, InvalidArgument without a file
 */
export function parseForm(incoming: IncomingMessage): Promise<Form> {
  return new Promise((resolve, reject) => {
    const busboy = open(incoming);
    const ended = new Promise<void>((resolveEnd, rejectEnd) => {
      busboy.once('finish', resolveEnd);
      busboy.once('error', () => rejectEnd(malformed()));
      incoming.once('error', rejectEnd);
    });
    // Where no file comes, nobody waits for the end.
    ended.catch(reject);

    // Without a prototype: a client may call a field `constructor`.
    const fields: Record<string, string> = Object.create(null);
    const names: Record<string, string> = Object.create(null);
    let bytes = 0;
    let reachedFile = false;
    busboy.on('field', (name, value, _nameCut, valueCut) => {
      if (reachedFile) return;
      const lower = name.toLowerCase();
      names[lower] = name;
      fields[lower] = lower in fields ? `${fields[lower]},${value}` : value;
      bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
      if (valueCut || bytes > MAX_FIELD_BYTES) stop(fieldsTooLong());
    });
    busboy.on('file', (_name, file, filename) => {
      reachedFile = true;
      // A client that goes away ends its request, but not the form in it.
      incoming.once('close', () => {
        if (!incoming.complete) file.destroy(malformed());
      });
      const discard = () => {
        file.on('error', () => {});
        file.resume();
      };
      resolve({ fields, names, filename, file: bytesOfFile(file), ended, discard });
    });
    busboy.once('finish', () =>
      reject(invalidArgument('POST requires exactly one file upload per request.', 'file', '0')),
    );
    const stop = (error: Error) => {
      incoming.unpipe(busboy);
      reject(error);
    };
    incoming.pipe(busboy);
  });
}

async function* bytesOfFile(file: Readable): AsyncGenerator<Buffer> {
  try {
    yield* bytesOf(file);
  } catch {
    // The form ended before its closing boundary.
    throw malformed();
  }
}

function open(incoming: IncomingMessage) {
  const type = incoming.headers['content-type'] ?? '';
  if (!/^multipart\/form-data(;|$)/i.test(type)) {
    throw preconditionFailed('Bucket POST must be of the enclosure-type multipart/form-data');
  }
  if (incoming.headers['content-length'] === undefined) {
    throw new AwsError(411, 'MissingContentLength', 'You must provide the Content-Length HTTP header.');
  }
  try {
    return new Busboy({
      headers: { ...incoming.headers, 'content-type': type },
      // By its name alone: curl sends a file without a filename, other clients give every field one.
      isPartAFile: (name) => name?.toLowerCase() === 'file',
      // Browsers give a name, others a path: `${filename}` is the name alone, which busboy's default makes of it.
      limits: { files: 1, fieldSize: MAX_FIELD_BYTES, headerSize: MAX_FIELD_BYTES },
    });
  } catch {
    // No boundary.
    throw malformed();
  }
}

const malformed = () =>
  new AwsError(
    400,
    'MalformedPOSTRequest',
    'The body of your POST request is not well-formed multipart/form-data.',
  );

const fieldsTooLong = () =>
  new AwsError(
    400,
    'MaxPostPreDataLengthExceeded',
    'Your POST request fields preceding the upload file were too large.',
    { MaxPostPreDataLengthBytes: String(MAX_FIELD_BYTES) },
  );
