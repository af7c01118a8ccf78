import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

const LAST_LINES_MILLISECONDS = 500;

/** Resolves when the process has ended, with how, in words that follow its name: "ended with code 1". */
export async function howItEnded(child: ChildProcess): Promise<string> {
  const closed = once(child, 'close');
  const [code, signal] = await once(child, 'exit');
  // Its last lines are still on their way. Only so long: what it started may hold the pipe open.
  await Promise.race([closed, delay(LAST_LINES_MILLISECONDS, undefined, { ref: false })]);
  return signal ? `was ended by ${signal}` : `ended with code ${code}`;
}
