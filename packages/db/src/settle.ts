/** How the processing of an image ends. Undefined answers that the claim is no longer the caller's: nothing has changed. */

import type { Claim } from './claims.ts';
import type { Db } from './client.ts';
import { heldBy, released } from './held-by.ts';
import { type Image, images } from './schema.ts';
import { now } from './time.ts';
import type { MetadataClass, RejectionCode, Variant } from './vocabulary.ts';

export type Rendered = {
  s3Key: string;
  width: number;
  height: number;
  sizeBytes: number;
  variants: Variant[];
  thumbhash: string | null;
  placeholder: string | null;
  /** Absent: none. */
  removedMetadata?: MetadataClass[];
};

/** processing ▶ ready. Undefined when the row moved on: then the caller removes the renditions that it put. */
export async function settleReady(db: Db, claim: Claim, rendered: Rendered): Promise<Image | undefined> {
  const [row] = await db
    .update(images)
    .set({ ...released, ...rendered, status: 'ready', readyAt: now })
    .where(heldBy(claim))
    .returning();
  return row;
}

/** processing ▶ rejected, for ever. `detail` is shown to the client. */
export async function settleRejected(
  db: Db,
  claim: Claim,
  rejection: { code: RejectionCode; detail: string },
): Promise<Image | undefined> {
  const [row] = await db
    .update(images)
    .set({
      ...released,
      status: 'rejected',
      rejectionCode: rejection.code,
      rejectionDetail: rejection.detail,
    })
    .where(heldBy(claim))
    .returning();
  return row;
}

/** processing ▶ failed, after the last try. A redelivered message may claim it again. */
export async function settleFailed(db: Db, claim: Claim): Promise<Image | undefined> {
  const [row] = await db
    .update(images)
    .set({ ...released, status: 'failed' })
    .where(heldBy(claim))
    .returning();
  return row;
}
