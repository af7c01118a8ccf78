import { forgetKeys } from '@s3-image-app/db';
import type { Sweeper } from './sweep.ts';

/** Rows that one statement deletes. */
const LIMIT = 1_000;

/** Idempotency keys that no caller is promised any more. */
export async function forgetOldKeys({ db, signal }: Sweeper): Promise<void> {
  while (!signal.aborted && (await forgetKeys(db, { limit: LIMIT })) === LIMIT);
}
