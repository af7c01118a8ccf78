import type { S3Client } from '@aws-sdk/client-s3';
import type { Db } from '@s3-image-app/db';
import { MAX_RECEIVES, visibilitySeconds } from '@s3-image-app/infra';
import type { Logger } from '@s3-image-app/runtime';
import type { Config } from './config.ts';
import { createImagePool } from './image/pool.ts';
import type { Pipeline } from './pipeline.ts';

/** Images after which an image process is replaced. */
const RECYCLE_AFTER = 200;
const MIB = 1024 * 1024;

/** What processing an image needs, by the configuration. Whoever makes it closes its `images`. */
export function createPipeline({
  config,
  db,
  s3,
  log,
}: {
  config: Config;
  db: Db;
  s3: S3Client;
  log: Logger;
}): Pipeline {
  return {
    db,
    bucket: { s3, name: config.S3_BUCKET },
    images: createImagePool({
      size: config.WORKER_CONCURRENCY,
      timeoutMs: config.IMAGE_TIMEOUT_SECONDS * 1000,
      memoryBytes: config.IMAGE_MEMORY_MB * MIB,
      recycleAfter: RECYCLE_AFTER,
      onDeath: (death) => log.warn({ err: death }, 'an image process ended before its time'),
    }),
    limits: {
      maxPixels: config.MAX_IMAGE_PIXELS,
      maxSide: config.MAX_IMAGE_SIDE,
      maxFrames: config.MAX_FRAMES,
      maxTotalPixels: config.MAX_TOTAL_PIXELS,
    },
    output: {
      maxSide: config.OUTPUT_MAX_PIXELS_SIDE,
      variantWidths: config.VARIANT_WIDTHS,
      quality: config.WEBP_QUALITY,
      effort: config.WEBP_EFFORT,
    },
    leaseSeconds: visibilitySeconds(config.IMAGE_TIMEOUT_SECONDS),
    maxTries: MAX_RECEIVES,
    log,
  };
}
