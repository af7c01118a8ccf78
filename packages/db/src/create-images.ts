import { DrizzleQueryError } from 'drizzle-orm';
import type { Db } from './client.ts';
import { type Image, images, toImage } from './schema.ts';

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

const names = FIELDS.map((field) => images[field].name).join(', ');

/**
 * One statement for any number of rows, so that the server plans it once for each connection: this is
 * the query that the API makes most. Built anew by the query builder it took four times the CPU.
 */
const INSERT = `
  insert into images (${names})
  select ${names}
  from jsonb_to_recordset($1::text::jsonb)
    as given(${FIELDS.map((field) => `${images[field].name} ${images[field].getSQLType()}`).join(', ')})
  where ($3::integer is null
      or (select count(*) from images where owner_id = $2 and status = 'pending')
        + jsonb_array_length($1::text::jsonb) <= $3::integer)
    and ($4::bigint is null
      or (select coalesce(sum(held_bytes), 0) from images where owner_id = $2) + $5::bigint <= $4::bigint)
  returning *`;

/** What an owner may hold; null is no limit. */
export type Quota = {
  /** Unused forms. */
  maxPending?: number | null;
  /** Bytes of all images, and of those that unused forms allow. */
  maxHeldBytes?: number | null;
};

/**
 * (nothing) ▶ pending. All rows or none; answers them in the order given. None if their owner, who is one and
 * the same, would then hold more than the quota; two requests at the same moment may together end a few above it.
 */
export async function createImages(
  db: Db,
  rows: NewImage[],
  { maxPending = null, maxHeldBytes = null }: Quota = {},
): Promise<Image[]> {
  const given = rows.map((row) =>
    Object.fromEntries(FIELDS.map((field) => [images[field].name, row[field] ?? null])),
  );
  const asked = rows.reduce((sum, { declaredSize, maxBytes }) => sum + (declaredSize ?? maxBytes), 0);
  try {
    const inserted = await db.$client.unsafe(
      INSERT,
      [JSON.stringify(given), rows[0]?.ownerId ?? '', maxPending, maxHeldBytes, asked],
      { prepare: true },
    );
    return inserted.map(toImage);
  } catch (error) {
    // As every other query of ours fails, but without the values.
    throw new DrizzleQueryError(INSERT, [], error as Error);
  }
}
