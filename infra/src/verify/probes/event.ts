import { setTimeout as delay } from 'node:timers/promises';
import { type Bench, exists } from '../bench.ts';
import type { Mailbox } from '../mailbox.ts';
import { putOriginal } from '../original.ts';
import { failed, type Outcome, type Probe, passed, skipped } from '../probe.ts';

const LOOK_EVERY_MS = 200;

/**
 * A worker may be running, and takes our event as it takes any: of an original of no image it removes the
 * leftover, which is as good a proof that the event came. It has the first chance, so that we touch a
 * queue that somebody lives from only if nobody does.
 */
export const eventProbe = (mailbox: Mailbox | undefined): Probe => ({
  name: 'an event arrives at the queue',
  fix: "Run pnpm setup:aws: the bucket's notification or the queue's policy is missing. If S3 does report, give the worker's role sqs:ReceiveMessage, DeleteMessage and ChangeMessageVisibility on the queue (infra/generated/iam-worker.json).",
  run: async (bench) =>
    mailbox ? await awaitEvent(bench, mailbox) : skipped('there is no queue to look at'),
});

async function awaitEvent(bench: Bench, mailbox: Mailbox): Promise<Outcome> {
  const key = await putOriginal(bench, bench.newOriginalKey());
  const start = Date.now();
  const waited = () => Date.now() - start;
  try {
    while (waited() < bench.timeoutMs) {
      if (!(await exists(bench, key))) return passed;
      if (waited() < bench.workerGraceMs) await delay(LOOK_EVERY_MS);
      else await mailbox.receive();
      bench.eventsComeToUs = mailbox.seen.has(key);
      if (bench.eventsComeToUs) return passed;
    }
  } finally {
    await mailbox.release();
  }
  return failed(`none came within ${bench.timeoutMs / 1000} s, and no worker took the original`);
}
