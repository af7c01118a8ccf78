import { findDeleting, removeImage } from '@s3-image-app/db';
import { deleteOriginal } from '../storage/delete-objects.ts';
import { deleteRenditions } from '../storage/renditions.ts';
import { inBatches } from './batches.ts';
import type { Sweeper } from './sweep.ts';

/** Deletes that stopped half-way: the objects first, then the row that knows of them. */
export const finishDeletes = ({ db, bucket, ages, signal }: Sweeper): Promise<void> =>
  inBatches(
    (limit) => findDeleting(db, { idleSeconds: ages.delete, limit }),
    async (images) => {
      for (const image of images) {
        await deleteOriginal(bucket, image.id);
        await deleteRenditions(bucket, image);
        await removeImage(db, image.id);
      }
    },
    signal,
  );
