import { queryCause } from '@s3-image-app/db';
import { imageIdOfQuarantineKey, MAX_RECEIVES } from '@s3-image-app/infra';
import type { Pipeline, Result } from './pipeline.ts';
import { processImage } from './process-image.ts';
import { backoffMs } from './queue/backoff.ts';
import type { Delivery, Settlement } from './queue/consume.ts';
import { type CreatedObject, parseEvent } from './queue/s3-event.ts';

/** Waits between the tries of a message. */
const RETRY = { firstMs: 5_000, maxMs: 600_000 };

/** Seconds until a message that can't be read comes again. It has no way to the dead-letter queue but by its count. */
const UNREADABLE_SECONDS = 0;

/** Processes every image that a message tells of. It is done only when all of them are. Never rejects. */
export async function handleMessage(pipeline: Pipeline, delivery: Delivery): Promise<Settlement> {
  const log = pipeline.log.child({ messageId: delivery.messageId, receive: delivery.receiveCount });
  const event = parseEvent(delivery.body);
  if ('malformed' in event) {
    log.error(
      { reason: event.malformed },
      'a message that is no S3 event: on its way to the dead-letter queue',
    );
    return { done: false, afterSeconds: UNREADABLE_SECONDS, suspect: false };
  }
  let settlement: Settlement = { done: true };
  for (const id of new Set(event.created.flatMap((object) => imageIn(object, pipeline.bucket.name)))) {
    try {
      const started = performance.now();
      const result = await processImage(pipeline, id, {
        signal: delivery.signal,
        isLast: () => delivery.receiveCount >= MAX_RECEIVES,
      });
      log.info(
        { image: id, ...describe(result), ms: Math.round(performance.now() - started) },
        'image handled',
      );
      settlement = worse(settlement, settle(result, delivery));
    } catch (error) {
      log.error({ image: id, err: queryCause(error) }, 'image not handled');
      settlement = worse(settlement, retryLater(delivery));
    }
  }
  return settlement;
}

/** Only originals concern us: whatever else is written to a bucket, of ours or not, is not our business. */
const imageIn = ({ bucket, key }: CreatedObject, ours: string): string[] => {
  const id = bucket === ours ? imageIdOfQuarantineKey(key) : undefined;
  return id ? [id] : [];
};

function settle(result: Result, delivery: Delivery): Settlement {
  if ('settled' in result) return { done: true };
  if ('busy' in result) return lookAgain(delivery, result.secondsLeft);
  // After the last try SQS moves the message on once it is visible.
  if ('givenUp' in result) return { done: false, afterSeconds: 0, suspect: false };
  return result.last ? { done: false, afterSeconds: 0, suspect: true } : retryLater(delivery);
}

/** Most images are done long before their lease is over; one whose worker died can be had when it is. */
const lookAgain = ({ receiveCount }: Delivery, secondsLeft: number): Settlement => ({
  done: false,
  afterSeconds: Math.min(secondsLeft, backoffMs(receiveCount, RETRY) / 1000),
  suspect: false,
});

const retryLater = ({ receiveCount, signal }: Delivery): Settlement =>
  signal.aborted
    ? { done: false, afterSeconds: 0, suspect: false }
    : { done: false, afterSeconds: backoffMs(receiveCount, RETRY) / 1000, suspect: true };

/** A message with one image that isn't done is not done; it comes back when the first of them may be tried. */
function worse(one: Settlement, other: Settlement): Settlement {
  if (one.done) return other;
  if (other.done) return one;
  return {
    done: false,
    afterSeconds: Math.min(one.afterSeconds, other.afterSeconds),
    suspect: one.suspect || other.suspect,
  };
}

const describe = (result: Result) =>
  'failed' in result ? { err: result.failed, last: result.last } : { ...result };
