import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Bucket, Part, StoredObject, Upload } from './types.ts';

/**
 * The store on disk:
 *
 *     blobs/UUID                            bytes of an object or a part
 *     buckets/NAME/bucket.json              creation time and documents
 *     buckets/NAME/objects/SHA256(KEY).json an object: key, size, headers, which blob
 *     buckets/NAME/uploads/ID/upload.json   a multipart upload, and each part beside it as NUMBER.json
 *
 * A JSON file is drafted among the blobs and renamed into its place, after the blob it names is complete: whatever
 * moment the process dies at, an object is there wholly or not at all. Keys are hashed, since they may hold
 * anything; the JSON has the real one.
 */
export class Files {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
    mkdirSync(join(root, 'blobs'), { recursive: true });
    mkdirSync(join(root, 'buckets'), { recursive: true });
  }

  blob(id: string): string {
    return join(this.#root, 'blobs', id);
  }

  dropBlob(id: string): void {
    rmSync(this.blob(id), { force: true });
  }

  saveBucket({ name, createdAt, documents }: Bucket): void {
    this.#writeJson(this.#bucket(name, 'bucket.json'), { name, createdAt, documents });
  }

  dropBucket(name: string): void {
    rmSync(this.#bucket(name), { recursive: true, force: true });
  }

  saveObject(bucket: string, object: StoredObject): void {
    this.#writeJson(this.#object(bucket, object.key), object);
  }

  dropObject(bucket: string, key: string): void {
    rmSync(this.#object(bucket, key), { force: true });
  }

  saveUpload(bucket: string, { id, key, initiated, headers }: Upload): void {
    this.#writeJson(this.#bucket(bucket, 'uploads', id, 'upload.json'), { id, key, initiated, headers });
  }

  savePart(bucket: string, uploadId: string, part: Part): void {
    this.#writeJson(this.#bucket(bucket, 'uploads', uploadId, `${part.number}.json`), part);
  }

  dropUpload(bucket: string, uploadId: string): void {
    rmSync(this.#bucket(bucket, 'uploads', uploadId), { recursive: true, force: true });
  }

  /** Everything that was saved. Blobs that nothing names are left over from a crash and are removed. */
  load(): Bucket[] {
    const buckets = list(join(this.#root, 'buckets')).map((name) => this.#loadBucket(name));
    const inUse = new Set(
      buckets.flatMap(({ objects, uploads }) => [
        ...[...objects.values()].map((object) => object.blob),
        ...[...uploads.values()].flatMap((upload) => [...upload.parts.values()].map((part) => part.blob)),
      ]),
    );
    for (const id of list(join(this.#root, 'blobs'))) if (!inUse.has(id)) this.dropBlob(id);
    return buckets;
  }

  #loadBucket(name: string): Bucket {
    const objects = new Map<string, StoredObject>();
    for (const file of list(this.#bucket(name, 'objects'))) {
      const object = readJson<StoredObject>(this.#bucket(name, 'objects', file));
      objects.set(object.key, object);
    }
    const uploads: Bucket['uploads'] = new Map();
    for (const id of list(this.#bucket(name, 'uploads'))) {
      const parts = new Map<number, Part>();
      for (const file of list(this.#bucket(name, 'uploads', id))) {
        if (file === 'upload.json') continue;
        const part = readJson<Part>(this.#bucket(name, 'uploads', id, file));
        parts.set(part.number, part);
      }
      uploads.set(id, { ...readJson<Upload>(this.#bucket(name, 'uploads', id, 'upload.json')), parts });
    }
    const saved = readJson<Pick<Bucket, 'name' | 'createdAt' | 'documents'>>(
      this.#bucket(name, 'bucket.json'),
    );
    return { ...saved, objects, uploads };
  }

  #writeJson(path: string, value: unknown): void {
    const draft = this.blob(randomUUID());
    writeFileSync(draft, JSON.stringify(value));
    mkdirSync(dirname(path), { recursive: true });
    renameSync(draft, path);
  }

  #bucket(name: string, ...rest: string[]): string {
    return join(this.#root, 'buckets', name, ...rest);
  }

  #object(bucket: string, key: string): string {
    return this.#bucket(bucket, 'objects', `${createHash('sha256').update(key).digest('hex')}.json`);
  }
}

const readJson = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T;

/** The names in a folder; none where there is no folder. */
function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
