import type { Db } from './client.ts';
import { runOften } from './run-often.ts';
import { type Image, images } from './schema.ts';

/** What a new image is made of; the rest are the columns' defaults. */
const FIELDS = [
  'id',
  'ownerId',
  'contentType',
  'declaredSize',
  'maxBytes',
  'sha256',
  'filename',
  'formExpiresAt',
  'folder',
  'visibility',
  'alt',
  'entityType',
  'entityId',
] as const;

export type NewImage = Pick<typeof images.$inferInsert, (typeof FIELDS)[number]>;

/** What the columns that nobody gives hold in a new row. To read all thirty back for each form would cost the API CPU. */
const UNTOUCHED = {
  status: 'pending',
  claimToken: null,
  claimExpiresAt: null,
  attempts: 0,
  renditionWidths: null,
  s3Key: null,
  width: null,
  height: null,
  sizeBytes: null,
  thumbhash: null,
  placeholder: null,
  rejectionCode: null,
  rejectionDetail: null,
  readyAt: null,
} as const satisfies Partial<Image>;

/**
 * One statement for any number of rows, so that the server plans it once for each connection: this is
 * the query that the API makes most.
 * The rows are one parameter, and those that were inserted are all of them: the moment is the same for each.
 * `pending_of` and `held_by` take the owner's turn, so each is asked once, in a query of its own, and only where there is
 * a limit.
 */
const INSERT = `
  insert into images (${FIELDS.map((field) => images[field].name).join(', ')})
  select ${FIELDS.map((field) => `"${field}"`).join(', ')}
  from jsonb_to_recordset($1::text::jsonb)
    as given(${FIELDS.map((field) => `"${field}" ${images[field].getSQLType()}`).join(', ')})
  where ($3::integer is null
      or (select pending_of($2)) + jsonb_array_length($1::text::jsonb) <= $3::integer)
    and ($4::bigint is null or (select held_by($2)) + $5::bigint <= $4::bigint)
  returning created_at`;

/** What an owner may hold; null is no limit. */
export type Quota = {
  /** Unused forms. */
  maxPending?: number | null;
  /** Bytes of all images, and of those that unused forms allow. */
  maxHeldBytes?: number | null;
};

/**
 * (nothing) ▶ pending. All rows or none; answers them in the order given. None if their owner, who is one and
 * the same, would then hold more than the quota, whatever else is asked for at the same moment.
 */
export async function createImages(
  db: Db,
  rows: NewImage[],
  { maxPending = null, maxHeldBytes = null }: Quota = {},
): Promise<Image[]> {
  const asked = rows.reduce((sum, { declaredSize, maxBytes }) => sum + (declaredSize ?? maxBytes), 0);
  const [inserted] = await runOften(db, INSERT, [
    JSON.stringify(rows),
    rows[0]?.ownerId ?? '',
    maxPending,
    maxHeldBytes,
    asked,
  ]);
  if (!inserted) return [];
  const createdAt = images.createdAt.mapFromDriverValue(inserted.created_at as string) as Date;
  return rows.map((row) => asImage(row, createdAt));
}

const asImage = (row: NewImage, createdAt: Date): Image => ({
  ...UNTOUCHED,
  id: row.id,
  ownerId: row.ownerId,
  contentType: row.contentType,
  declaredSize: row.declaredSize ?? null,
  maxBytes: row.maxBytes,
  sha256: row.sha256 ?? null,
  filename: row.filename ?? null,
  formExpiresAt: row.formExpiresAt,
  folder: row.folder,
  visibility: row.visibility,
  alt: row.alt ?? null,
  entityType: row.entityType ?? null,
  entityId: row.entityId ?? null,
  variants: [],
  removedMetadata: [],
  heldBytes: row.declaredSize ?? row.maxBytes,
  createdAt,
  updatedAt: createdAt,
});
