import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import type { Call } from '../fuzz-calls.ts';

export type Sent = Call & { method: string };

/** Sends calls as they are, so many at once, over connections that are kept. */
export function createSender(url: string, atOnce: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });

  /** The status of the answer, which is read to its end. */
  async function send(call: Sent): Promise<number> {
    const { method, headers, payload } = call;
    const sent = request(url + call.url, { method, headers, agent });
    try {
      sent.end(payload);
      const [answer] = (await once(sent, 'response')) as [IncomingMessage];
      answer.resume();
      await once(answer, 'end');
      return answer.statusCode ?? 0;
    } catch (error) {
      // The server had closed the connection behind the answer before.
      if (sent.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET') return send(call);
      throw error;
    }
  }

  return {
    async all(calls: Sent[]): Promise<number[]> {
      const statuses: number[] = [];
      const left = calls.values();
      const sendInTurn = async () => {
        for (const call of left) statuses.push(await send(call));
      };
      await Promise.all(Array.from({ length: atOnce }, sendInTurn));
      return statuses;
    },
    close: () => agent.destroy(),
  };
}
