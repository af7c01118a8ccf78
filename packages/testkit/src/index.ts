export { type CorpusFile, corpus } from './corpus.ts';
export { createTestDatabase, type TestDatabase } from './database.ts';
export { type Photo, photo } from './photo.ts';
export { createTestStorage, type TestStorage } from './storage.ts';
