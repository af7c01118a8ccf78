export { migrate } from './migrate.ts';
export { type EmbeddedPostgres, type EmbeddedPostgresOptions, startEmbeddedPostgres } from './postgres.ts';
export { type Provisioned, type ProvisionOptions, provision } from './provision.ts';
