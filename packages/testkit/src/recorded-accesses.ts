import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import type { Access } from '@s3-image-app/local-aws';

/** Who asked for what on which kind of resource: `s3:GetObject arn:aws:s3:::*\/private/*`. */
export type RecordedAccess = { user: string; permission: string; allowed: boolean };

/** Writes down, each once, what users ask for: in `file`, a line of JSON each. */
export function recordAccesses(file: string): (access: Access) => void {
  writeFileSync(file, '');
  const known = new Set<string>();
  return ({ user, action, resource, allowed }) => {
    if (!user) return;
    const recorded: RecordedAccess = { user, permission: `${action} ${kindOf(resource)}`, allowed };
    const line = JSON.stringify(recorded);
    if (known.has(line)) return;
    known.add(line);
    appendFileSync(file, `${line}\n`);
  };
}

export const readAccesses = (file: string): RecordedAccess[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as RecordedAccess);

/** Any bucket, any queue and any key stand for all: every test file has its own. What is left of a key is its prefix. */
const kindOf = (resource: string): string =>
  resource
    .replace(/^(arn:aws:s3:::)[^/]+(?:\/([^/]*)\/.*)?$/s, (_all, arn: string, prefix?: string) =>
      prefix === undefined ? `${arn}*` : `${arn}*/${prefix}/*`,
    )
    .replace(/^(arn:aws:sqs:[^:]*:[^:]*:).*$/, '$1*');
