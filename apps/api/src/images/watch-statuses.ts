import {
  type Belief,
  type Db,
  findMovedOn,
  type Image,
  type ImageStatus,
  type Listening,
  listenForStatuses,
} from '@s3-image-app/db';
import type { Logger } from '@s3-image-app/runtime';

/** Milliseconds from one question to the next, in which news are gathered: with any number of waiters it is asked so often at most. */
const GATHER = 5;

/** Milliseconds between two questions about everything that is waited for, in case news got lost. */
const LOOK_AROUND = 1_000;

/** What became of an image: its row, or undefined if it has none any more. */
export type Moved = { image: Image | undefined };

export type StatusWatch = {
  /**
   * Resolves once the image has another status than `known`, which may be at once; or with undefined once the
   * signal aborts or the watch is closed.
   */
  next(id: string, known: ImageStatus, signal: AbortSignal): Promise<Moved | undefined>;
  /** Who waits at the moment. */
  readonly waiting: number;
  readonly closed: boolean;
  /** Lets everybody go who waits, and who comes later; resolves when the connection that brings news is closed. */
  close(): Promise<void>;
};

type Waiter = Belief & { tell: (moved?: Moved) => void };

/**
 * Lets any number of requests wait for images without a connection or a query each. PostgreSQL tells which
 * images have changed; one question then asks for all those that somebody waits for. Every second one more question
 * asks about all, so that nothing is lost with a notification.
 */
export function watchStatuses(db: Db, log: Logger): StatusWatch {
  const waiters = new Map<string, Set<Waiter>>();
  const due = new Set<string>();
  let listening: Listening | undefined;
  let gathering: NodeJS.Timeout | undefined;
  let lookAround: NodeJS.Timeout | undefined;
  let asking = false;
  let lastAsked = 0;
  let closed = false;

  function add(waiter: Waiter): void {
    listening ??= listen();
    lookAround ??= setInterval(() => askSoon(waiters.keys()), LOOK_AROUND);
    waiters.set(waiter.id, (waiters.get(waiter.id) ?? new Set()).add(waiter));
    // It may have changed since the waiter looked.
    askSoon([waiter.id]);
  }

  const listen = () =>
    listenForStatuses(
      db,
      (id) => waiters.has(id) && askSoon([id]),
      (err) => closed || log.warn({ err }, 'no news of statuses: looking every second until there are any'),
    );

  function remove(waiter: Waiter): void {
    const others = waiters.get(waiter.id);
    others?.delete(waiter);
    if (others?.size === 0) waiters.delete(waiter.id);
    if (waiters.size > 0) return;
    clearInterval(lookAround);
    lookAround = undefined;
  }

  function askSoon(ids: Iterable<string>): void {
    for (const id of ids) due.add(id);
    if (due.size > 0 && !asking)
      gathering ??= setTimeout(ask, Math.max(0, lastAsked + GATHER - performance.now()));
  }

  async function ask(): Promise<void> {
    gathering = undefined;
    const asked = [...due].flatMap((id) => [...(waiters.get(id) ?? [])]);
    due.clear();
    if (asked.length === 0) return;
    asking = true;
    lastAsked = performance.now();
    try {
      const moved = await findMovedOn(db, distinct(asked));
      for (const waiter of asked) {
        const image = moved.get(waiter.id);
        if (moved.has(waiter.id) && image?.status !== waiter.status) waiter.tell({ image });
      }
    } catch (err) {
      log.warn({ err }, 'statuses cannot be looked up: asking again');
    } finally {
      asking = false;
      askSoon([]);
    }
  }

  return {
    get waiting() {
      return [...waiters.values()].reduce((sum, some) => sum + some.size, 0);
    },

    get closed() {
      return closed;
    },

    next: (id, known, signal) =>
      new Promise((resolve) => {
        if (closed || signal.aborted) return resolve(undefined);
        const letGo = () => waiter.tell();
        const waiter: Waiter = {
          id,
          status: known,
          tell: (moved) => {
            signal.removeEventListener('abort', letGo);
            remove(waiter);
            resolve(moved);
          },
        };
        signal.addEventListener('abort', letGo);
        add(waiter);
      }),

    async close() {
      closed = true;
      clearTimeout(gathering);
      for (const waiter of [...waiters.values()].flatMap((some) => [...some])) waiter.tell();
      await listening?.close();
    },
  };
}

/** Many may wait for the same image. */
const distinct = (waiters: Waiter[]): Belief[] => [
  ...new Map(waiters.map(({ id, status }) => [`${id} ${status}`, { id, status }])).values(),
];
