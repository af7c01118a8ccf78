import { randomUUID } from 'node:crypto';
import { linkSync, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noSuchBucket, noSuchUpload } from '../errors.ts';
import { Files } from './files.ts';
import type { Bucket, ObjectHeaders, Part, Stored, StoredObject, UploadInProgress } from './types.ts';

/** Looks at the object that a write would replace, and throws where the write may not. */
export type Precondition = (current: StoredObject | undefined) => void;

/**
 * Buckets and objects. Metadata is held in memory and written through to disk, bytes are on disk only. Every
 * change is one synchronous step, so that conditions on it hold when it happens.
 */
export class Store {
  readonly #files: Files;
  readonly #buckets: Map<string, Bucket>;
  readonly #removeFolder: () => Promise<void>;

  private constructor(folder: string, removeFolder: () => Promise<void>) {
    this.#files = new Files(folder);
    this.#buckets = new Map(this.#files.load().map((bucket) => [bucket.name, bucket]));
    this.#removeFolder = removeFolder;
  }

  /** Opens the store in a folder, or without one in a temporary folder that closing removes. */
  static async open(folder: string | undefined): Promise<Store> {
    if (folder !== undefined) return new Store(folder, async () => {});
    const temporary = await mkdtemp(join(tmpdir(), 'local-aws-'));
    return new Store(temporary, () => rm(temporary, { recursive: true, force: true }));
  }

  close(): Promise<void> {
    return this.#removeFolder();
  }

  buckets(): Bucket[] {
    return [...this.#buckets.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  find(name: string): Bucket | undefined {
    return this.#buckets.get(name);
  }

  /** @throws {AwsError} NoSuchBucket */
  bucket(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (!bucket) throw noSuchBucket(name);
    return bucket;
  }

  createBucket(name: string, documents: Record<string, string>): void {
    const createdAt = new Date().toISOString();
    const bucket: Bucket = { name, createdAt, documents, objects: new Map(), uploads: new Map() };
    this.#files.saveBucket(bucket);
    this.#buckets.set(name, bucket);
  }

  dropBucket(bucket: Bucket): void {
    for (const upload of [...bucket.uploads.values()]) this.dropUpload(bucket, upload.id);
    this.#files.dropBucket(bucket.name);
    this.#buckets.delete(bucket.name);
  }

  /** @param document undefined removes it */
  setDocument(bucket: Bucket, name: string, document: string | undefined): void {
    if (document === undefined) delete bucket.documents[name];
    else bucket.documents[name] = document;
    this.#files.saveBucket(bucket);
  }

  /** A place for new bytes: what is written there belongs to nothing until it is put. */
  newBlob(): { blob: string; path: string } {
    const blob = randomUUID();
    return { blob, path: this.#files.blob(blob) };
  }

  dropBlob(blob: string): void {
    this.#files.dropBlob(blob);
  }

  /** A file descriptor, which goes on reading these bytes whatever happens to the object meanwhile. */
  read(stored: Stored): number {
    return openSync(this.#files.blob(stored.blob), 'r');
  }

  /** The same bytes as a new blob, without copying them. */
  duplicate(stored: Stored): string {
    const { blob, path } = this.newBlob();
    linkSync(this.#files.blob(stored.blob), path);
    return blob;
  }

  putObject(bucket: Bucket, object: StoredObject, precondition: Precondition = () => {}): void {
    const current = bucket.objects.get(object.key);
    try {
      // Deleted while the bytes came in.
      this.bucket(bucket.name);
      precondition(current);
    } catch (error) {
      this.#files.dropBlob(object.blob);
      throw error;
    }
    this.#files.saveObject(bucket.name, object);
    bucket.objects.set(object.key, object);
    if (current) this.#files.dropBlob(current.blob);
  }

  dropObject(bucket: Bucket, key: string): void {
    const object = bucket.objects.get(key);
    if (!object) return;
    this.#files.dropObject(bucket.name, key);
    bucket.objects.delete(key);
    this.#files.dropBlob(object.blob);
  }

  createUpload(bucket: Bucket, key: string, headers: ObjectHeaders): UploadInProgress {
    const id = randomUUID().replaceAll('-', '');
    const upload = { id, key, headers, initiated: new Date().toISOString(), parts: new Map() };
    this.#files.saveUpload(bucket.name, upload);
    bucket.uploads.set(id, upload);
    return upload;
  }

  /** @throws {AwsError} NoSuchUpload */
  upload(bucket: Bucket, id: string, key: string): UploadInProgress {
    const upload = bucket.uploads.get(id);
    if (!upload || upload.key !== key) throw noSuchUpload(id);
    return upload;
  }

  putPart(bucket: Bucket, uploadId: string, part: Part): void {
    const upload = bucket.uploads.get(uploadId);
    if (!upload) {
      // Aborted or completed while the bytes came in.
      this.#files.dropBlob(part.blob);
      throw noSuchUpload(uploadId);
    }
    const current = upload.parts.get(part.number);
    this.#files.savePart(bucket.name, uploadId, part);
    upload.parts.set(part.number, part);
    if (current) this.#files.dropBlob(current.blob);
  }

  dropUpload(bucket: Bucket, id: string): void {
    const upload = bucket.uploads.get(id);
    if (!upload) return;
    bucket.uploads.delete(id);
    this.#files.dropUpload(bucket.name, id);
    for (const part of upload.parts.values()) this.#files.dropBlob(part.blob);
  }
}
