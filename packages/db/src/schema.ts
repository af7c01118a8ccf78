import { sql } from 'drizzle-orm';
import {
  bigint,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';
import {
  IMAGE_STATUSES,
  METADATA_CLASSES,
  REJECTION_CODES,
  type Variant,
  VISIBILITIES,
} from './vocabulary.ts';

/** Milliseconds are what JavaScript's Date holds: with more, a cursor made from a row would skip its neighbours. */
const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });

const list = (values: readonly string[]) => sql.raw(values.map((value) => `'${value}'`).join(', '));

export const images = pgTable(
  'images',
  {
    id: uuid('id').primaryKey(),
    /** The token's `sub`. */
    ownerId: text('owner_id').notNull(),
    status: text('status', { enum: IMAGE_STATUSES }).notNull().default('pending'),

    // What the client declared, and the form allows. The worker holds the original against it.
    contentType: text('content_type').notNull(),
    /** Bytes, when the client pinned them. */
    declaredSize: bigint('declared_size', { mode: 'number' }),
    /** Bytes: the most that the form allows. */
    maxBytes: bigint('max_bytes', { mode: 'number' }).notNull(),
    /** Base64, when the client pinned it. */
    sha256: text('sha256'),
    filename: text('filename'),
    formExpiresAt: moment('form_expires_at').notNull(),

    folder: text('folder').notNull(),
    visibility: text('visibility', { enum: VISIBILITIES }).notNull(),
    alt: text('alt'),
    entityType: text('entity_type'),
    entityId: text('entity_id'),

    // One worker's lease. A stale worker holds a token that no longer matches, and changes nothing.
    claimToken: uuid('claim_token'),
    claimExpiresAt: moment('claim_expires_at'),
    attempts: smallint('attempts').notNull().default(0),
    /**
     * Widths of all the variants, in pixels, that a worker which claimed the image may have put, whether it came to
     * tell or not. Null: no worker has had it. By these every rendition is found again.
     */
    renditionWidths: integer('rendition_widths').array(),

    // What the worker made of it.
    s3Key: text('s3_key'),
    width: integer('width'),
    height: integer('height'),
    sizeBytes: bigint('size_bytes', { mode: 'number' }),
    variants: jsonb('variants').$type<Variant[]>().notNull().default([]),
    thumbhash: text('thumbhash'),
    placeholder: text('placeholder'),
    removedMetadata: text('removed_metadata', { enum: METADATA_CLASSES }).array().notNull().default([]),
    rejectionCode: text('rejection_code', { enum: REJECTION_CODES }),
    rejectionDetail: text('rejection_detail'),

    /** Bytes that count against the owner's quota: what the form allows, until it is known what is stored. */
    heldBytes: bigint('held_bytes', { mode: 'number' }).generatedAlwaysAs(
      sql`case
        when status in ('pending', 'processing', 'failed') then coalesce(declared_size, max_bytes)
        when status = 'ready' then size_bytes + variant_bytes(variants)
        else 0 end`,
    ),

    createdAt: moment('created_at').notNull().defaultNow(),
    updatedAt: moment('updated_at').notNull().defaultNow(),
    readyAt: moment('ready_at'),
  },
  (t) => [
    check('images_status', sql`${t.status} in (${list(IMAGE_STATUSES)})`),
    check('images_visibility', sql`${t.visibility} in (${list(VISIBILITIES)})`),
    check('images_entity_whole', sql`(${t.entityType} is null) = (${t.entityId} is null)`),
    check(
      'images_sizes',
      sql`${t.maxBytes} > 0 and (${t.declaredSize} is null or ${t.declaredSize} between 1 and ${t.maxBytes})`,
    ),
    check(
      'images_claim',
      sql`${t.status} <> 'processing' or (${t.claimToken} is not null and ${t.claimExpiresAt} is not null)`,
    ),
    check(
      'images_ready_whole',
      sql`${t.status} <> 'ready' or (${t.s3Key} is not null and ${t.width} > 0 and ${t.height} > 0 and ${t.sizeBytes} > 0 and ${t.readyAt} is not null)`,
    ),
    check(
      'images_rejected_whole',
      sql`(${t.status} <> 'rejected' or ${t.rejectionCode} is not null) and (${t.rejectionCode} is null or ${t.rejectionCode} in (${list(REJECTION_CODES)}))`,
    ),
    // The caller's images, and an entity's: newest first, keyset pages. ("nulls first" is what `order by … desc`
    // asks for; an index in another null order would not serve it, though no column here is null.)
    index('images_by_owner').on(t.ownerId, t.createdAt.desc().nullsFirst(), t.id.desc().nullsFirst()),
    // The same by what a list may be asked for, and everybody's, for administrators.
    index('images_by_owner_status').on(
      t.ownerId,
      t.status,
      t.createdAt.desc().nullsFirst(),
      t.id.desc().nullsFirst(),
    ),
    index('images_by_owner_folder').on(
      t.ownerId,
      t.folder,
      t.createdAt.desc().nullsFirst(),
      t.id.desc().nullsFirst(),
    ),
    // Few may be public, or few private: to find them by the indexes above, all others would be read.
    index('images_by_owner_visibility').on(
      t.ownerId,
      t.visibility,
      t.createdAt.desc().nullsFirst(),
      t.id.desc().nullsFirst(),
    ),
    // What an owner's images hold, summed without a look at the rows.
    index('images_held_by_owner').on(t.ownerId, t.heldBytes),
    index('images_by_time').on(t.createdAt.desc().nullsFirst(), t.id.desc().nullsFirst()),
    index('images_by_entity')
      .on(t.entityType, t.entityId, t.createdAt.desc().nullsFirst(), t.id.desc().nullsFirst())
      .where(sql`${t.entityType} is not null`),
    // The sweeper's questions. Partial, so that ten million ready rows cost them nothing.
    index('images_pending_expiry').on(t.formExpiresAt).where(sql`${t.status} = 'pending'`),
    index('images_lapsed_claims').on(t.claimExpiresAt).where(sql`${t.status} = 'processing'`),
    index('images_deleting').on(t.updatedAt).where(sql`${t.status} = 'deleting'`),
    // How many forms a caller holds unused.
    index('images_pending_by_owner').on(t.ownerId).where(sql`${t.status} = 'pending'`),
  ],
);

/**
 * What a caller asked for under an Idempotency-Key. While `lockedUntil` is set, the first request is at it, or died;
 * `imageIds` are then those that it was going to create.
 */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    ownerId: text('owner_id').notNull(),
    key: text('key').notNull(),
    /** Hash of the request: another one under the same key is a mistake of the caller. */
    fingerprint: text('fingerprint').notNull(),
    imageIds: uuid('image_ids').array().notNull(),
    lockedUntil: moment('locked_until'),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.ownerId, t.key] }), index('idempotency_keys_by_age').on(t.createdAt)],
);

export type Image = typeof images.$inferSelect;
