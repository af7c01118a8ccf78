import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteBucketCorsCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type Aws,
  type Deployed,
  deploy,
  keysOf,
  ORIGIN,
  REGION,
  roles,
  startAws,
} from '../../test/deployment.ts';
import { runVerify } from './run.ts';

let aws: Aws;
let dataDir: string;
beforeAll(async () => {
  aws = await startAws(roles);
  dataDir = await mkdtemp(join(tmpdir(), 'verify-'));
});
afterEach(() =>
  Promise.all(['ready', 'secrets'].map((name) => rm(join(dataDir, `${name}.json`), { force: true }))),
);
afterAll(async () => {
  await aws.stop();
  await rm(dataDir, { recursive: true });
});

const run = async (...argv: string[]) => {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runVerify(argv, {
    env: { DATA_DIR: dataDir },
    out: (text) => out.push(text),
    err: (text) => err.push(text),
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
};

const secrets = {
  jwtSecret: 'the-secret-of-tokens',
  aws: { root: keysOf('root'), api: keysOf('api'), worker: keysOf('worker') },
};

/** What `pnpm start` writes about what it runs; here nothing processes images, so it tells of no token. */
const writeFiles = async ({ bucket }: Deployed, s3 = true) => {
  const embedded = { endpoint: aws.endpoint, region: REGION, bucket, origins: [ORIGIN] };
  const ready = { pid: 1, url: 'http://localhost:3000', ...(s3 ? { s3: embedded } : {}) };
  await writeFile(join(dataDir, 'ready.json'), JSON.stringify(ready));
  await writeFile(join(dataDir, 'secrets.json'), JSON.stringify(secrets));
};

describe('verify:aws', () => {
  it('finds what runs here by itself, passes it, and tells no secret', async () => {
    await writeFiles(await deploy(aws));
    const { code, out, err } = await run('--local', '--timeout', '1');
    expect(out).toMatch(/^ok {4}an event arrives at the queue$/m);
    expect(out).toMatch(/\d+ passed, 0 failed, 1 skipped$/);
    expect(code).toBe(0);
    for (const secret of [
      'the-secret-of-tokens',
      ...Object.values(secrets.aws).map((keys) => keys.secretAccessKey),
    ]) {
      expect(out + err).not.toContain(secret);
    }
  });

  it('answers 1 and names the fix where a probe fails', async () => {
    const deployed = await deploy(aws);
    await aws.s3.send(new DeleteBucketCorsCommand({ Bucket: deployed.bucket }));
    await writeFiles(deployed);
    const { code, out } = await run('--local', '--json', '--timeout', '1');
    const report = JSON.parse(out);
    expect(code).toBe(1);
    expect(report.ok).toBe(false);
    expect(report.probes).toContainEqual(
      expect.objectContaining({
        name: 'CORS lets pages of the domain post forms',
        outcome: 'failed',
        seen: `POST from ${ORIGIN} is allowed to nobody (403)`,
        fix: expect.stringContaining('pnpm setup:aws'),
      }),
    );
  });

  it('answers 2 and says how to start where nothing runs', async () => {
    const { code, err } = await run('--local', '--timeout', '1');
    expect(code).toBe(2);
    expect(err).toContain('npx -y pnpm start');
  });

  it('answers 2 where what runs here has its bucket elsewhere', async () => {
    await writeFiles(await deploy(aws), false);
    const { code, err } = await run('--local', '--timeout', '1');
    expect(code).toBe(2);
    expect(err).toContain('--bucket');
  });

  it('answers 2 and shows where help is where the call is not usable', async () => {
    const { code, err } = await run('--bucket', 'images');
    expect(code).toBe(2);
    expect(err).toContain('--help');
  });

  it('answers 0 and the usage for --help', async () => {
    const { code, out } = await run('--help');
    expect(code).toBe(0);
    expect(out).toContain('VERIFY_API_ACCESS_KEY_ID');
  });
});
