import { type SQL, sql } from 'drizzle-orm';

/** The server's time: one clock for all processes. */
export const now = sql`now()`;

export const fromNow = (seconds: number): SQL => sql`now() + make_interval(secs => ${seconds})`;
