/**
 * What issuing a form costs: the API's CPU for each, against a bare Fastify with JWT, createPresignedPost and one
 * INSERT. Both run at the same time, each in a process of its own, and are asked in turns; the median of the rounds
 * counts. Run by `pnpm --filter @s3-image-app/api bench:issue-form`.
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

const ROUNDS = 12;
const REQUESTS = 1_000;
const AT_ONCE = 8;
const SECRET = 'a secret for benchmarks, of more than 32 bytes';

const dataDir = mkdtempSync(join(tmpdir(), 'bench-'));
const postgres = await startEmbeddedPostgres({ dataDir, port: 0 });
const children: ChildProcess[] = [];
try {
  await migrateDb(postgres.url);
  const [api, bare] = [await start('api'), await start('bare')];
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [ours, least] = [await cost(api), await cost(bare)];
    // The first rounds warm up.
    if (round >= 2) ratios.push(ours / least);
    console.log(`round ${round + 1}: API ${ours.toFixed(0)} µs, bare ${least.toFixed(0)} µs`);
  }
  ratios.sort((a, b) => a - b);
  console.log(`CPU of an issued form, API ÷ bare: ${ratios[Math.floor(ratios.length / 2)]?.toFixed(2)}`);
} finally {
  for (const child of children) child.disconnect();
  await postgres.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

type Server = { url: string; child: ChildProcess };

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
      MAX_PENDING_PER_OWNER: '100000',
      RATE_LIMIT_PER_MINUTE: '100000000',
    },
  });
  children.push(child);
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  return { url, child };
}

/** Microseconds of the server's CPU for each of REQUESTS forms. */
async function cost(server: Server): Promise<number> {
  const before = await cpu(server);
  // Each round another caller: what one holds already must not count.
  const token = createSigner({ key: SECRET, algorithm: 'HS256' })({
    sub: crypto.randomUUID(),
    exp: Math.floor(Date.now() / 1000) + 600,
  });
  let left = REQUESTS;
  const client = async () => {
    while (left-- > 0) {
      const response = await fetch(`${server.url}/api/images/upload`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: '{"contentType":"image/jpeg"}',
      });
      if (response.status !== 201) throw new Error(await response.text());
      await response.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, client));
  return ((await cpu(server)) - before) / REQUESTS;
}

async function cpu({ child }: Server): Promise<number> {
  child.send('cpu');
  const [{ user, system }] = (await once(child, 'message')) as [NodeJS.CpuUsage];
  return user + system;
}
