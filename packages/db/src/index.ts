export * from './client.ts';
export * from './images.ts';
export * from './migrate.ts';
export * from './queries.ts';
export * from './schema.ts';
