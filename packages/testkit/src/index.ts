export { type CorpusFile, corpus } from './corpus.ts';
export { createTestDatabase, type TestDatabase } from './database.ts';
export { permitted } from './permitted.ts';
export { type Photo, photo } from './photo.ts';
export { type RecordedAccess, readAccesses } from './recorded-accesses.ts';
export { createTestStorage, type TestStorage } from './storage.ts';
