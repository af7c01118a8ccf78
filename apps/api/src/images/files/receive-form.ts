import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { MultipartFile } from '@fastify/multipart';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { invalid } from '../../plugins/validation.ts';
import { Problem } from '../../problems.ts';

/** A file that a form brought, as it lies on this machine until the request has been answered. */
export type ReceivedFile = {
  path: string;
  size: number;
  /** Base64. */
  sha256: string;
  filename: string;
  /** As the client says. */
  contentType: string;
};

/** Bytes that a form may have beside its files: names, boundaries and the fields, of which the largest is `alt`. */
const MAX_REST = 64 * 1024;

/** A form with more is no upload: each part costs memory. */
const MAX_FIELDS = 20;

/**
 * Takes in a multipart/form-data request, piece by piece. S3 wants to know an object's length before its first byte,
 * which no form tells, and its fields may come after the file; so the files wait on disk, not in memory, and are
 * hashed as they come. They go with the answer, or when the caller goes.
 *
 * The answer's `fields` hold the form by its names; of a file its name. Files in other fields than `fileField` (or
 * `fileField[]`) are named there too, for validation to refuse, and not kept.
 * @throws {Problem} body_too_large, bad_request, validation_failed
 */
export async function receiveForm(
  request: FastifyRequest,
  reply: FastifyReply,
  { fileField, maxFiles, maxBytes }: { fileField: string; maxFiles: number; maxBytes: number },
): Promise<{ fields: Record<string, unknown>; files: ReceivedFile[] }> {
  if (Number(request.headers['content-length'] ?? 0) > maxFiles * maxBytes + MAX_REST) {
    throw tooLarge(maxBytes);
  }
  const folder = await mkdtemp(join(tmpdir(), 'upload-'));
  reply.raw.once('close', () => rm(folder, { recursive: true, force: true }).catch(() => {}));
  if (reply.raw.closed) await rm(folder, { recursive: true, force: true });

  // Without a prototype, whose names would be there already.
  const fields: Record<string, unknown> = Object.create(null);
  const files: ReceivedFile[] = [];
  const parts = request.parts({
    limits: {
      fileSize: maxBytes,
      // Those in wrong fields are counted, too; one more, so that validation can name such a field.
      files: maxFiles + 1,
      fields: MAX_FIELDS,
      fieldSize: MAX_REST,
      headerPairs: 20,
    },
  });
  try {
    for await (const part of parts) {
      // Whatever its type says.
      if (part.fieldname === undefined) throw new Problem('bad_request', 'A part of the form has no name.');
      const name = part.fieldname.replace(/\[\]$/, '');
      if (part.type === 'field') {
        fields[name] = name in fields ? [fields[name], part.value].flat() : part.value;
        continue;
      }
      fields[name] = name in fields ? [fields[name], part.filename].flat() : part.filename;
      if (name === fileField) files.push(await keep(part, join(folder, String(files.length))));
      else part.file.resume();
      if (files.length > maxFiles) throw tooMany(fileField, maxFiles);
      if (part.file.truncated) throw tooLarge(maxBytes);
    }
  } catch (error) {
    throw asProblem(error as Error & { code?: string }, { fileField, maxFiles, maxBytes });
  }
  return { fields, files };
}

async function keep(part: MultipartFile, path: string): Promise<ReceivedFile> {
  const hash = createHash('sha256');
  let size = 0;
  await pipeline(
    part.file,
    async function* (source: Readable) {
      for await (const chunk of source) {
        hash.update(chunk);
        size += chunk.length;
        yield chunk;
      }
    },
    createWriteStream(path, { flags: 'wx' }),
  );
  return {
    path,
    size,
    sha256: hash.digest('base64'),
    filename: part.filename,
    contentType: part.mimetype,
  };
}

const tooLarge = (maxBytes: number): Problem =>
  new Problem(
    'body_too_large',
    `A file may have ${maxBytes} bytes here. Ask with JSON for a form that takes larger ones straight to S3.`,
  );

const tooMany = (field: string, maxFiles: number): Problem =>
  invalid([
    {
      pointer: `#/${field}`,
      detail: `${field} must be ${maxFiles === 1 ? 'one file' : `1 to ${maxFiles} files`}, and there are more`,
    },
  ]);

/** The parser's own errors have no code, or one of its plugin; what has another one is ours, such as a full disk. */
function asProblem(
  error: Error & { code?: string },
  { fileField, maxFiles, maxBytes }: { fileField: string; maxFiles: number; maxBytes: number },
): Error {
  if (error.code === 'FST_REQ_FILE_TOO_LARGE') return tooLarge(maxBytes);
  if (error.code === 'FST_FILES_LIMIT') return tooMany(fileField, maxFiles);
  if (error.code === 'FST_FIELDS_LIMIT') {
    return new Problem('body_too_large', `A form may have ${MAX_FIELDS} fields beside its files.`);
  }
  if (error instanceof Problem || error.code !== undefined) return error;
  return new Problem('bad_request', `The form cannot be read: ${error.message}.`, { cause: error });
}
