export { startApp } from './app.ts';
export { openLog } from './log.ts';
export { migrate } from './migrate.ts';
export { freePort } from './ports.ts';
export { type EmbeddedPostgres, type EmbeddedPostgresOptions, startEmbeddedPostgres } from './postgres.ts';
export { type Provisioned, type ProvisionOptions, provision } from './provision.ts';
