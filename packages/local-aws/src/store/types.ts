/** Bytes on disk, with what S3 answers about them. */
export type Stored = {
  /** The file that holds the bytes. It is never changed, only replaced by another. */
  blob: string;
  size: number;
  /** Without quotes. */
  etag: string;
  /** ISO 8601. */
  lastModified: string;
  /** `x-amz-checksum-…` → base64, where the client gave one. */
  checksums: Record<string, string>;
};

/** Headers that are kept with an object and come back with it: Content-Type and the like, x-amz-meta-*. */
export type ObjectHeaders = Record<string, string>;

export type StoredObject = Stored & { key: string; headers: ObjectHeaders };

export type Part = Stored & { number: number };

export type Upload = {
  id: string;
  key: string;
  /** ISO 8601. */
  initiated: string;
  headers: ObjectHeaders;
};

export type UploadInProgress = Upload & { parts: Map<number, Part> };

export type Bucket = {
  name: string;
  /** ISO 8601. */
  createdAt: string;
  /** Subresource → its document as it was put: `cors`, `policy`, … */
  documents: Record<string, string>;
  objects: Map<string, StoredObject>;
  uploads: Map<string, UploadInProgress>;
};
