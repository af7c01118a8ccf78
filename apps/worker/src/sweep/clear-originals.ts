import { getStatuses, type ImageStatus } from '@s3-image-app/db';
import { quarantineKey } from '@s3-image-app/infra';
import { deleteObjects } from '../storage/delete-objects.ts';
import { listOriginals } from '../storage/list-originals.ts';
import { recover } from './recover.ts';
import type { Sweeper } from './sweep.ts';

/**
 * What is to become of an original that lies there long after its upload. One whose image has failed stays, for an
 * operator who sends its message again, until the bucket's lifecycle takes it.
 */
const FATE: Record<ImageStatus | 'no row', 'process' | 'delete' | 'leave'> = {
  pending: 'process',
  expired: 'process',
  // Its claim is somebody's, or found by recoverClaims.
  processing: 'leave',
  failed: 'leave',
  ready: 'delete',
  rejected: 'delete',
  deleting: 'delete',
  'no row': 'delete',
};

export async function clearOriginals(sweeper: Sweeper): Promise<void> {
  const before = new Date(Date.now() - sweeper.ages.work * 1000);
  for await (const ids of listOriginals(sweeper.bucket, { before })) {
    if (sweeper.signal.aborted) return;
    const statuses = await getStatuses(sweeper.db, ids);
    const fated = (fate: string) => ids.filter((id) => FATE[statuses.get(id) ?? 'no row'] === fate);
    await deleteObjects(sweeper.bucket, fated('delete').map(quarantineKey));
    await recover(sweeper, fated('process'), ['pending', 'expired']);
  }
}
