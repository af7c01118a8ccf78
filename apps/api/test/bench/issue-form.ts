/**
 * What issuing a form costs: the API's CPU for each, against a bare Fastify with JWT, createPresignedPost and one
 * INSERT. Each runs in a process of its own and tells its own CPU, so that neither who asks nor PostgreSQL counts.
 * They are asked in turns, in rounds that are short beside what else the machine does; the median of the rounds'
 * ratios counts. Run by `pnpm --filter @s3-image-app/api bench:issue-form`.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { migrateDb } from '@s3-image-app/db';
import { startEmbeddedPostgres } from '@s3-image-app/stack';
import { createSigner } from 'fast-jwt';
import { createSender } from './sender.ts';

/** Requests to each server before any counts: V8 has compiled what it is going to compile. */
const WARM_UP = 6_000;
const ROUNDS = 160;
/** Requests of a round to each server. */
const REQUESTS = 100;
/** Requests of one caller: neither a stranger each time nor always the same. */
const REQUESTS_OF_CALLER = 10;
const AT_ONCE = 8;
const SECRET = 'a secret for benchmarks, of more than 32 bytes';

type Server = { child: ChildProcess; send: ReturnType<typeof createSender> };

const dataDir = mkdtempSync(join(tmpdir(), 'bench-'));
const postgres = await startEmbeddedPostgres({ dataDir, port: 0 });
const servers: Server[] = [];
try {
  await migrateDb(postgres.url);
  const [api, bare] = [await start('api'), await start('bare')];
  for (const server of servers) await cost(server, WARM_UP);

  const rounds: { ours: number; least: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    // Each is first every other time.
    const oursFirst = round % 2 === 0;
    const first = await cost(oursFirst ? api : bare, REQUESTS);
    const second = await cost(oursFirst ? bare : api, REQUESTS);
    rounds.push(oursFirst ? { ours: first, least: second } : { ours: second, least: first });
  }
  const [low, ratio, high] = quartiles(rounds.map(({ ours, least }) => ours / least));
  console.log(`API  ${quartiles(rounds.map(({ ours }) => ours))[1].toFixed(0)} µs of CPU a form`);
  console.log(`bare ${quartiles(rounds.map(({ least }) => least))[1].toFixed(0)} µs of CPU a form`);
  console.log(
    `CPU of an issued form, API ÷ bare: ${ratio.toFixed(2)} (quartiles ${low.toFixed(2)} and ${high.toFixed(2)})`,
  );
} finally {
  for (const { child, send } of servers) {
    send.close();
    child.disconnect();
    await once(child, 'exit');
  }
  await postgres.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

async function start(which: 'api' | 'bare'): Promise<Server> {
  const child = fork(fileURLToPath(new URL('serve.ts', import.meta.url)), [which], {
    env: {
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      DATABASE_URL: postgres.url,
      AWS_REGION: 'eu-central-1',
      S3_BUCKET: 'images',
      ALLOWED_ORIGINS: 'http://localhost:3000',
      JWT_SECRET: SECRET,
      RATE_LIMIT_PER_MINUTE: '100000000',
    },
  });
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  const server = { child, send: createSender(url, AT_ONCE) };
  servers.push(server);
  return server;
}

/** Microseconds of the server's CPU for each of `count` forms. */
async function cost({ child, send }: Server, count: number): Promise<number> {
  const sign = createSigner({ key: SECRET, algorithm: 'HS256' });
  const exp = Math.floor(Date.now() / 1000) + 600;
  const tokens = Array.from({ length: count / REQUESTS_OF_CALLER }, () =>
    sign({ sub: crypto.randomUUID(), exp }),
  );
  const calls = Array.from({ length: count }, (_, at) => ({
    method: 'POST',
    url: '/api/images/upload',
    headers: { authorization: `Bearer ${tokens[at % tokens.length]}`, 'content-type': 'application/json' },
    payload: '{"contentType":"image/jpeg"}',
  }));
  const before = await cpu(child);
  const statuses = await send.all(calls);
  const after = await cpu(child);
  if (statuses.some((status) => status !== 201)) throw new Error(`not all 201: ${new Set(statuses)}`);
  return (after - before) / count;
}

async function cpu(child: ChildProcess): Promise<number> {
  child.send('cpu');
  const [{ user, system }] = (await once(child, 'message')) as [NodeJS.CpuUsage];
  return user + system;
}

function quartiles(values: number[]): [number, number, number] {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.floor(part * (sorted.length - 1))] as number;
  return [at(0.25), at(0.5), at(0.75)];
}
