import type { Claimable } from '@s3-image-app/db';
import { MAX_RECEIVES } from '@s3-image-app/infra';
import pLimit from 'p-limit';
import { processImage } from '../process-image.ts';
import type { Sweeper } from './sweep.ts';

/**
 * Processes images that no message leads to any more, if they are still in one of the statuses that they were found
 * in: another sweeper may have brought them to an end meanwhile, which must not begin anew.
 * @throws {RetryableFailure} at the first that can't be processed: what it needs may be out of reach, and going on
 * would only use up the tries of the others
 */
export async function recover(sweeper: Sweeper, ids: string[], from: readonly Claimable[]): Promise<void> {
  const seats = pLimit(sweeper.concurrency);
  let broken: Error | undefined;
  await seats.map(ids, async (id) => {
    if (broken || sweeper.signal.aborted) return;
    const result = await processImage(sweeper, id, {
      signal: sweeper.signal,
      from,
      isLast: ({ attempts }) => attempts >= MAX_RECEIVES,
    });
    sweeper.log.info({ image: id, ...result }, 'left-behind image handled');
    if ('failed' in result) broken = result.failed;
  });
  if (broken) throw broken;
}
