/**
 * An image's life:
 *
 *     pending ──object arrived──▶ processing ──▶ ready
 *       │                          │  ├──▶ rejected   terminal, with a code
 *       │                          │  └──▶ failed     after the last try; redrive ▶ processing
 *       └──form expired, no object──▶ expired          a new form ▶ pending
 *     any ──DELETE──▶ deleting ──objects gone──▶ (no row)
 *
 * Each arrow is one conditional statement (claims.ts, settle.ts, forms.ts, delete-image.ts), so that of two processes that
 * try the same arrow one gets the row and the other gets undefined: "somebody else did it" is an answer there, never an
 * error.
 */
export const IMAGE_STATUSES = [
  'pending',
  'processing',
  'ready',
  'rejected',
  'failed',
  'expired',
  'deleting',
] as const;
export type ImageStatus = (typeof IMAGE_STATUSES)[number];

/** Statuses that no event, only a caller, moves an image out of. */
export const TERMINAL_STATUSES: readonly ImageStatus[] = ['ready', 'rejected', 'failed', 'expired'];

export const VISIBILITIES = ['private', 'public'] as const;
export type Visibility = (typeof VISIBILITIES)[number];

/** Why an upload was refused for ever. Clients branch on these: codes are added, never renamed. */
export const REJECTION_CODES = [
  'size_mismatch',
  'too_large',
  'empty',
  'type_not_allowed',
  'type_mismatch',
  'not_an_image',
  'corrupt',
  'too_many_pixels',
  'too_many_frames',
  'checksum_mismatch',
  'processing_timeout',
  'resource_limit',
] as const;
export type RejectionCode = (typeof REJECTION_CODES)[number];

/** What an original held beside its picture and no rendition does. Callers are told which, not what it said. */
export const METADATA_CLASSES = [
  'gps',
  'camera',
  'serial',
  'thumbnail',
  'software',
  'xmp',
  'iptc',
  'icc',
] as const;
export type MetadataClass = (typeof METADATA_CLASSES)[number];

/** A smaller rendition: its key, its size in pixels and in bytes. */
export type Variant = { s3Key: string; width: number; height: number; sizeBytes: number };
