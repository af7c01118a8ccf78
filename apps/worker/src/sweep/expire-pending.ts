import { expireImage, findOverduePending } from '@s3-image-app/db';
import { originalExists } from '../storage/list-originals.ts';
import { inBatches } from './batches.ts';
import { recover } from './recover.ts';
import type { Sweeper } from './sweep.ts';

/** Images whose form is over: processed where an original lies, whose event was lost, else expired. */
export const expirePending = (sweeper: Sweeper): Promise<void> =>
  inBatches(
    (limit) => findOverduePending(sweeper.db, { graceSeconds: sweeper.ages.form, limit }),
    async (images) => {
      const uploaded: string[] = [];
      for (const { id } of images) {
        if (await originalExists(sweeper.bucket, id, sweeper.signal)) uploaded.push(id);
        else await expireImage(sweeper.db, id, sweeper.ages.form);
      }
      await recover(sweeper, uploaded, ['pending']);
    },
    sweeper.signal,
  );
