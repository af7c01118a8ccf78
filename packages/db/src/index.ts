export * from './client.ts';
export * from './create-images.ts';
export * from './errors.ts';
export * from './images.ts';
export * from './migrate.ts';
export * from './queries.ts';
export * from './schema.ts';
export * from './status-changes.ts';
