import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, utimesSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { apiClient, postForm } from './api-client.ts';
import { ANY_PORTS, launch, projectRoot, readReady, stop, temporaryDataDir, untilReady } from './launch.ts';
import { processesWith } from './processes.ts';

const STOP_SECONDS = 10;
const photo = new Uint8Array(readFileSync(new URL('./fixtures/photo.jpg', import.meta.url)));

let dataDir: Awaited<ReturnType<typeof temporaryDataDir>>;
beforeEach(async () => {
  dataDir = await temporaryDataDir();
});
afterEach(async () => {
  // Whatever a test that failed left running.
  for (const { pid } of await processesWith(dataDir.path)) process.kill(pid, 'SIGKILL');
  await dataDir.remove();
});

async function start(env: Record<string, string> = {}, args: string[] = []) {
  const launched = launch({ DATA_DIR: dataDir.path, ...env }, args);
  const ready = await untilReady(launched, dataDir.path);
  return { launched, ready };
}

const nothingIsLeft = () =>
  expect.poll(() => processesWith(dataDir.path), { timeout: STOP_SECONDS * 1000 }).toEqual([]);

async function pidOf(app: 'api' | 'worker'): Promise<number> {
  const [found] = (await processesWith(dataDir.path)).filter(({ command }) =>
    command.includes(`apps/${app}/`),
  );
  if (!found) throw new Error(`${app} does not run`);
  return found.pid;
}

/** Runs a command of the project to its end. */
async function run(args: string[], env: Record<string, string> = {}) {
  const command = ['packages/stack/bin/run.mjs', ...args];
  const options = { cwd: projectRoot, env: { PATH: process.env.PATH ?? '', DATA_DIR: dataDir.path, ...env } };
  return promisify(execFile)(process.execPath, command, options).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      code,
      stdout,
      stderr,
    }),
  );
}

describe('a started service', () => {
  test('prints where everything is, and a second start goes on with its data, secrets and tokens', async () => {
    const first = await start();
    for (const line of [
      /Page +http:\/\/localhost:\d+\/#token=ey/,
      /API +http/,
      /Docs +http/,
      /Token +ey/,
      /Data +\//,
      /Stop +Ctrl-C/,
      /Reset +stop, then rm -rf \//,
    ]) {
      expect(first.launched.output()).toMatch(line);
    }
    expect((await stat(join(dataDir.path, 'secrets.json'))).mode & 0o777).toBe(0o600);
    const { token } = first.ready;
    const api = apiClient(first.ready.url);
    const { image, upload } = await api.askForForm(token, { contentType: 'image/jpeg' });
    await postForm(upload, photo);
    expect(await api.untilTerminal(token, image.id)).toMatchObject({ status: 'ready' });
    expect(await stop(first.launched)).toBe(0);
    await nothingIsLeft();

    const second = await start();
    const again = await apiClient(second.ready.url).untilTerminal(token, image.id);
    expect(again).toMatchObject({ status: 'ready' });
    expect((await fetch(again.url)).headers.get('content-type')).toBe('image/webp');
    expect(await stop(second.launched)).toBe(0);
    await nothingIsLeft();
  });

  test('is told apart from a second one: by its ports, and by its data', async () => {
    const { launched, ready } = await start();
    const ports = { PORT: new URL(ready.url).port, LOCAL_AWS_PORT: new URL(ready.s3.endpoint).port };

    const samePorts = launch({ ...ports, DATA_DIR: join(dataDir.path, 'other') });
    expect(await samePorts.ended).toBe(1);
    for (const [variable, port] of Object.entries(ports)) {
      expect(samePorts.output()).toMatch(new RegExp(`Port ${port} is taken.*${variable}`));
    }
    const sameData = launch({ DATA_DIR: dataDir.path });
    expect(await sameData.ended).toBe(1);
    expect(sameData.output()).toContain(`process ${ready.pid}`);
    expect(sameData.output()).toContain('DATA_DIR');

    expect((await fetch(`${ready.url}/readyz`)).status).toBe(200);
    await stop(launched);
  });

  test('stops within seconds though the API hangs, and at once on a second signal', async () => {
    const first = await start();
    process.kill(await pidOf('api'), 'SIGSTOP');
    const asked = Date.now();
    expect(await stop(first.launched)).toBe(0);
    expect(Date.now() - asked).toBeLessThan(STOP_SECONDS * 1000);
    await nothingIsLeft();

    const second = await start();
    process.kill(await pidOf('api'), 'SIGSTOP');
    second.launched.process.kill('SIGTERM');
    await expect.poll(() => second.launched.output()).toContain('stopping');
    const askedAgain = Date.now();
    expect(await stop(second.launched)).toBe(1);
    expect(Date.now() - askedAgain).toBeLessThan(3_000);
    await nothingIsLeft();
  });

  test('stops and says why when one of its processes ends', async () => {
    const { launched } = await start();
    process.kill(await pidOf('worker'), 'SIGKILL');
    expect(await launched.ended).toBe(1);
    expect(launched.output()).toContain('worker was ended by SIGKILL');
    await nothingIsLeft();
  });

  test('leaves nothing running when it is killed itself, nor does it hinder the next start', async () => {
    const killed = await start();
    killed.launched.process.kill('SIGKILL');
    await killed.launched.ended;
    const { launched } = await start();
    await stop(launched);
    await nothingIsLeft();
  });

  test('stops when the package manager that runs it is ended', async () => {
    // npm passes the signal to the shell between it and us, which ends without passing it on.
    const npm = spawn('npm', ['run', 'start'], {
      cwd: projectRoot,
      env: { ...process.env, NODE_ENV: '', DATA_DIR: dataDir.path, ...ANY_PORTS },
      stdio: 'ignore',
    });
    await expect.poll(() => readReady(dataDir.path), { timeout: 60_000 }).toBeDefined();
    npm.kill('SIGTERM');
    await nothingIsLeft();
  });

  test('starts an app anew when its code changes, with --watch', async () => {
    const { launched } = await start({}, ['--watch']);
    const before = { api: await pidOf('api'), worker: await pidOf('worker') };
    const now = new Date();
    utimesSync(join(projectRoot, 'apps/worker/src/config.ts'), now, now);
    await expect.poll(() => launched.output(), { timeout: 20_000 }).toContain('worker runs with the change');
    expect(await pidOf('worker')).not.toBe(before.worker);
    expect(await pidOf('api')).toBe(before.api);
    expect(await stop(launched)).toBe(0);
    await nothingIsLeft();
  });
});

test('in production nothing is started, and every missing variable is named', async () => {
  const launched = launch({ NODE_ENV: 'production', DATA_DIR: dataDir.path });
  expect(await launched.ended).toBe(1);
  for (const variable of [
    'DATABASE_URL',
    'AWS_REGION',
    'S3_BUCKET',
    'SQS_QUEUE_URL',
    'ALLOWED_ORIGINS',
    'JWT_SECRET',
  ]) {
    expect(launched.output()).toMatch(new RegExp(`${variable} is not set`));
  }
});

describe('the token command', () => {
  const token = (...args: string[]) => run(['packages/stack/src/token-cli.ts', ...args]);
  const claimsOf = (jwt: string) => JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());

  test('says what to do where nothing was started yet', async () => {
    const { code, stdout, stderr } = await token();
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/pnpm start.*JWT_SECRET/);
  });

  test('prints a bare token for whom and for how long it was asked, which the API takes', async () => {
    const { launched, ready } = await start();
    const { stdout } = await token('--sub', 'ada', '--role', 'admin', '--ttl', '60');
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const { sub, role, iat, exp } = claimsOf(stdout);
    expect({ sub, role, ttl: exp - iat }).toEqual({ sub: 'ada', role: 'admin', ttl: 60 });
    const api = apiClient(ready.url);
    expect((await api.call(`/api/images/${randomUUID()}`, { token: stdout.trim() })).status).toBe(404);
    await stop(launched);
  });

  test.for([
    [['--ttl', 'soon'], '--ttl'],
    [['--role', 'king'], '--role'],
    [['--name', 'ada'], '--name'],
  ] as const)('refuses %j and names the option', async ([args, option]) => {
    const { code, stderr } = await token(...args);
    expect(code).toBe(1);
    expect(stderr).toContain(option);
  });
});
