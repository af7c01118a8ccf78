import type { S3Call } from './call.ts';

export type Operation = {
  /** What IAM calls it. Absent where the operation asks by itself, for each of several keys. */
  action?: string;
  /** The one operation on a bucket that need not exist. */
  creates?: true;
  run: (call: S3Call) => Promise<void>;
};
