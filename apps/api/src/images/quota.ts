import { countPending, type Quota } from '@s3-image-app/db';
import type { Config } from '../config.ts';
import { Problem } from '../problems.ts';
import type { ImagesDeps } from './deps.ts';

/** What a caller may hold. Each unused form is a promise of storage, so it counts. */
export const quotaOf = (config: Config): Quota => ({
  maxPending: config.MAX_PENDING_PER_OWNER,
  maxHeldBytes: config.MAX_BYTES_PER_OWNER ?? null,
});

/** Why `count` more images would be above their owner's quota. */
export async function overQuota(
  { config, db }: Pick<ImagesDeps, 'config' | 'db'>,
  ownerId: string,
  count: number,
): Promise<Problem> {
  // Forms that expire free what they hold.
  const headers = { 'retry-after': String(config.FORM_TTL_SECONDS) };
  const { MAX_PENDING_PER_OWNER: forms, MAX_BYTES_PER_OWNER: bytes } = config;
  if (bytes === undefined || (await countPending(db, ownerId)) + count > forms) {
    const detail = `You may hold ${forms} unused forms at a time, and these would be more.`;
    return new Problem('too_many_pending', detail, { headers });
  }
  const detail = `You may hold ${bytes} bytes, and with this you would hold more.`;
  return new Problem('quota_exceeded', detail, { headers });
}
