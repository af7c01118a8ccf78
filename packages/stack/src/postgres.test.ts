import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startEmbeddedPostgres } from './postgres.ts';

let folder: string;
let dataDir: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postgres-'));
  // PostgreSQL, which does not run as root, must be able to enter.
  await chmod(folder, 0o711);
  dataDir = join(folder, 'data');
});
afterEach(() => rm(folder, { recursive: true }));

const start = () => startEmbeddedPostgres({ dataDir, durable: false });

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

test('a second start goes on with the data, also over what a crash of the machine left', async () => {
  const first = await start();
  expect(await listens(first.port)).toBe(true);
  const cluster = await readFile(join(dataDir, 'global', 'pg_control'));
  await first.stop();
  expect(await listens(first.port)).toBe(false);

  // The process id of a server that is gone, which has become somebody else's.
  await writeFile(join(dataDir, 'postmaster.pid'), `${process.pid}\n`);
  const second = await start();
  const systemIdentifier = (control: Buffer) => control.readBigUInt64LE();
  expect(systemIdentifier(await readFile(join(dataDir, 'global', 'pg_control')))).toBe(
    systemIdentifier(cluster),
  );
  await second.stop();
});

test('the server ends with the process that started it, though that is killed', async () => {
  const program = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(new URL('./postgres.ts', import.meta.url))});
    const { port } = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, durable: false });
    console.log(port);
    setInterval(() => {}, 1000);`;
  const owner = spawn(process.execPath, ['--input-type=module', '--eval', program]);
  const port = Number(String((await once(owner.stdout, 'data'))[0]));
  expect(await listens(port)).toBe(true);
  owner.kill('SIGKILL');
  await expect.poll(() => listens(port), { timeout: 10_000 }).toBe(false);
});

test('a server that does not start says why', async () => {
  const other = await start();
  const second = startEmbeddedPostgres({ dataDir: join(folder, 'second'), port: other.port });
  await expect(second).rejects.toThrow(/PostgreSQL did not start.*Address already in use/s);
  await other.stop();
});

test.runIf(process.getuid?.() === 0)(
  'root may keep the data in a folder that only root can enter',
  async () => {
    const closed = join(folder, 'closed');
    await mkdir(closed, { mode: 0o700 });
    const postgres = await startEmbeddedPostgres({ dataDir: join(closed, 'data'), durable: false });
    expect(await listens(postgres.port)).toBe(true);
    expect(await readlink(join(closed, 'data'))).toBe(postgres.dataDir);
    await postgres.stop();
    await rm(postgres.dataDir, { recursive: true });
  },
);
