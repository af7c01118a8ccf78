import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';

/** Seconds that a request is held at most: proxies cut connections after 30 or 60. */
export const MAX_WAIT = 25;

/** The header by which a caller says how long. */
export const Prefer = Type.Optional(
  Type.String({
    description: `wait=N holds the answer for up to N seconds, at most ${MAX_WAIT}, until there is news`,
    examples: ['wait=20'],
  }),
);

/** `wait=10` among other preferences (RFC 7240, section 4.3). */
const WAIT = /(?:^|[,;])\s*wait\s*=\s*"?(\d+)"?\s*(?=[,;]|$)/i;

/** Seconds that a Prefer header asks to wait, as far as we do; undefined if it says nothing of that. */
export function preferredWait(prefer: string | string[] | undefined): number | undefined {
  const [, seconds] = WAIT.exec([prefer ?? []].flat().join(',')) ?? [];
  return seconds === undefined ? undefined : Math.min(Number(seconds), MAX_WAIT);
}

/** A signal that aborts after `seconds`, or once the caller is gone or answered. */
export function patience(reply: FastifyReply, seconds: number): AbortSignal {
  const controller = new AbortController();
  const end = () => {
    clearTimeout(timer);
    reply.raw.off('close', end);
    controller.abort();
  };
  const timer = setTimeout(end, seconds * 1000);
  reply.raw.once('close', end);
  return controller.signal;
}
