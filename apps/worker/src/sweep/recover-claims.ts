import { findLapsedClaims } from '@s3-image-app/db';
import { inBatches } from './batches.ts';
import { recover } from './recover.ts';
import type { Sweeper } from './sweep.ts';

/** Images whose worker died and whose message is gone are processed; without an original they are pending again. */
export const recoverClaims = (sweeper: Sweeper): Promise<void> =>
  inBatches(
    (limit) => findLapsedClaims(sweeper.db, { idleSeconds: sweeper.ages.work, limit }),
    (images) =>
      recover(
        sweeper,
        images.map(({ id }) => id),
        ['processing'],
      ),
    sweeper.signal,
  );
