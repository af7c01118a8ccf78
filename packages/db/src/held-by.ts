import { and, eq } from 'drizzle-orm';
import type { Claim } from './claims.ts';
import { images } from './schema.ts';
import { now } from './time.ts';

/** The image, while the claim on it is still this one. */
export const heldBy = (claim: Claim) =>
  and(eq(images.id, claim.id), eq(images.status, 'processing'), eq(images.claimToken, claim.claimToken));

/** What the end of a claim changes, however it ends. */
export const released = { claimToken: null, claimExpiresAt: null, updatedAt: now } as const;
