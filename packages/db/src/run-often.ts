import { DrizzleQueryError } from 'drizzle-orm';
import type { Db } from './client.ts';

/**
 * Runs a statement that is asked often and always the same, so that each connection's server plans it once; the query
 * builder writes its text anew each time, and has it planned anew. Answers the rows by the columns' names.
 * It fails as every other query of ours, but without the values.
 */
export async function runOften(
  db: Db,
  statement: string,
  parameters: (string | number | string[] | null)[],
): Promise<Record<string, unknown>[]> {
  try {
    return await db.$client.unsafe(statement, parameters, { prepare: true });
  } catch (error) {
    throw new DrizzleQueryError(statement, [], error as Error);
  }
}
