import { type Bench, openBench, type Target } from './bench.ts';
import { inParallel } from './in-parallel.ts';
import { type Mailbox, openMailbox } from './mailbox.ts';
import { failed, type Outcome, type Probe } from './probe.ts';
import { probesFor } from './probes/index.ts';

/** Probes at a time: few enough to disturb nobody who works there. */
const CONCURRENCY = 6;

/** Long polls without a message of ours, after which no more is expected. */
const QUIET_POLLS = 3;

export type Result = { probe: Probe; outcome: Outcome; milliseconds: number };

export type Verdict = {
  /** In the order of the report. */
  results: Result[];
  /** Keys that the probes put and that could not be removed. */
  leftBehind: string[];
};

/** Puts every question to the target, a few at a time, and removes what that left there. */
export async function verify(target: Target): Promise<Verdict> {
  const bench = openBench(target);
  const mailbox = target.queueUrl ? openMailbox(bench, target.queueUrl) : undefined;
  const results = await inParallel(CONCURRENCY, probesFor(target, mailbox), (probe) => ask(probe, bench));
  if (mailbox && bench.eventsComeToUs) await collect(bench, mailbox);
  return { results, leftBehind: await bench.clear() };
}

async function ask(probe: Probe, bench: Bench): Promise<Result> {
  const start = performance.now();
  const outcome = await probe.run(bench).catch((error: Error) => failed(inWords(error)));
  return { probe, outcome, milliseconds: Math.round(performance.now() - start) };
}

/** `fetch failed` says why in its cause only. */
const inWords = ({ name, message, cause }: Error): string =>
  [name === 'Error' ? message : `${name}: ${message}`, cause instanceof Error ? cause.message : '']
    .filter(Boolean)
    .join(': ');

/** No worker is there to take the events of our originals, so we do. */
async function collect(bench: Bench, mailbox: Mailbox): Promise<void> {
  let quiet = 0;
  try {
    while (mailbox.seen.size < bench.originals.size && quiet < QUIET_POLLS) {
      const before = mailbox.seen.size;
      await mailbox.receive();
      quiet = mailbox.seen.size > before ? 0 : quiet + 1;
    }
  } finally {
    await mailbox.release();
  }
}
