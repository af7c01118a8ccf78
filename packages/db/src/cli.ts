/** `pnpm db:migrate`: applies the migrations to the database that DATABASE_URL names. */
import { migrateDb } from './migrate.ts';

const url = process.env.DATABASE_URL;
if (!url) {
  console.error(
    'DATABASE_URL is not set: name the database to migrate, e.g. postgres://user:password@host:5432/images',
  );
  process.exit(1);
}
await migrateDb(url);
console.log('Migrations applied.');
