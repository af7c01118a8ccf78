import { availableParallelism } from 'node:os';
import { visibilitySeconds } from '@s3-image-app/infra';
import {
  type Environment,
  httpUrl,
  readEnv,
  serviceSettings,
  str,
  wholeNumber,
  wholeNumbers,
} from '@s3-image-app/runtime';
import { MAX_FRAMES, MAX_PIXELS, MAX_SIDE, MAX_TOTAL_PIXELS } from './image/limits.ts';

/** libwebp's own limit: pixels along a side. */
const MAX_WEBP_SIDE = 16_383;

/** Every variable that the worker reads. `.env.example` lists them, and a test compares the two. */
export const settings = {
  ...serviceSettings,
  SQS_QUEUE_URL: httpUrl({
    desc: 'queue that the bucket reports new originals to',
    example: 'https://sqs.eu-central-1.amazonaws.com/000000000000/images',
  }),
  SQS_ENDPOINT: httpUrl({ default: undefined, desc: 'SQS endpoint, when it is not AWS' }),
  HOST: str({
    default: undefined,
    desc: 'address that /healthz listens on; by default 127.0.0.1, and 0.0.0.0 in production',
  }),
  WORKER_HEALTH_PORT: wholeNumber({ min: 0, max: 65_535 })({
    default: 8081,
    desc: 'port of /healthz; 0 turns it off',
  }),
  WORKER_CONCURRENCY: wholeNumber({ min: 1, max: 64 })({
    default: availableParallelism(),
    desc: 'images processed at once, each in a process of its own; by default as many as there are cores',
  }),
  MAX_IMAGE_PIXELS: wholeNumber({ min: 1 })({
    default: MAX_PIXELS,
    desc: 'most pixels of an image or frame',
  }),
  MAX_IMAGE_SIDE: wholeNumber({ min: 1 })({ default: MAX_SIDE, desc: 'most pixels along a side' }),
  MAX_FRAMES: wholeNumber({ min: 1 })({ default: MAX_FRAMES, desc: 'most frames of an animation' }),
  MAX_TOTAL_PIXELS: wholeNumber({ min: 1 })({
    default: MAX_TOTAL_PIXELS,
    desc: 'most pixels over all frames of an animation',
  }),
  IMAGE_TIMEOUT_SECONDS: wholeNumber({ min: 1 })({
    default: 30,
    desc: 'wall-clock seconds that processing an image may take',
  }),
  IMAGE_MEMORY_MB: wholeNumber({ min: 256 })({
    default: 1024,
    desc: 'MiB of memory that processing an image may take (enforced on Linux)',
  }),
  OUTPUT_MAX_PIXELS_SIDE: wholeNumber({ min: 16, max: MAX_WEBP_SIDE })({
    default: 2048,
    desc: 'most pixels along a side of the main rendition',
  }),
  VARIANT_WIDTHS: wholeNumbers({ min: 16, max: MAX_WEBP_SIDE })({
    default: [320, 640, 1280],
    desc: 'widths of the smaller renditions, in pixels',
  }),
  WEBP_QUALITY: wholeNumber({ min: 1, max: 100 })({ default: 80, desc: 'quality of renditions' }),
  WEBP_EFFORT: wholeNumber({ min: 0, max: 6 })({
    // Against 4, of real photos: half the CPU for 2 to 4 percent more bytes.
    default: 2,
    desc: 'CPU spent to make renditions smaller',
  }),
  SWEEP_INTERVAL_SECONDS: wholeNumber({ min: 1, max: 86_400 })({
    default: 60,
    desc: 'seconds between two looks for what has been left behind',
  }),
};

export type Config = ReturnType<typeof loadConfig>;

/** @throws {ConfigError} with every mistake at once, each by its variable's name */
export const loadConfig = (env: Environment) => {
  const values = readEnv(env, settings, rules);
  return { ...values, HOST: values.HOST ?? (values.NODE_ENV === 'production' ? '0.0.0.0' : '127.0.0.1') };
};

function rules(values: {
  IMAGE_TIMEOUT_SECONDS: number;
  MAX_IMAGE_PIXELS: number;
  MAX_TOTAL_PIXELS: number;
}) {
  const problems: string[] = [];
  if (values.MAX_TOTAL_PIXELS < values.MAX_IMAGE_PIXELS) {
    problems.push(
      'MAX_TOTAL_PIXELS must be at least MAX_IMAGE_PIXELS: an image of one frame is held against both',
    );
  }
  try {
    visibilitySeconds(values.IMAGE_TIMEOUT_SECONDS);
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
  return problems;
}
