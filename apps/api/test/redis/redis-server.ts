import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GenericContainer, Wait } from 'testcontainers';

/** The user that the API connects as, who may do what docs/deploy.md says and no more. */
export const USER = { name: 'images', password: 'hunter2@redis' };
const API_RULES = '~s3-image-app:* +eval +evalsha +incr +pexpire +pttl +info +client +hello'.split(' ');

const ADMIN = { name: 'admin', password: 'only-here' };
const PLAIN = 6379;
const TLS = 6380;

export type Certificate = { path: string; cert: string; key: string; remove(): Promise<void> };

/** A certificate for this machine that nobody but its holder trusts. */
export async function createCertificate(): Promise<Certificate> {
  const folder = await mkdtemp(join(tmpdir(), 'certificate-'));
  const [key, path] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
    ...['-keyout', key, '-out', path, '-subj', '/CN=localhost'],
    ...['-addext', 'subjectAltName=DNS:localhost'],
  ]);
  return {
    path,
    cert: await readFile(path, 'utf8'),
    key: await readFile(key, 'utf8'),
    remove: () => rm(folder, { recursive: true }),
  };
}

export type RedisServer = {
  /** Answers what `redis-cli` says to a command of somebody who may do everything. */
  ask(...command: string[]): Promise<string>;
  /** As a crash does. */
  kill(): Promise<unknown>;
};

/** Starts a Redis that keeps nothing, on the given ports of this machine. */
export async function startRedis(
  ports: { plain: number; tls: number },
  { cert, key }: Certificate,
): Promise<RedisServer> {
  const container = await new GenericContainer('redis:8')
    .withCopyContentToContainer([
      { content: cert, target: '/tls/cert.pem', mode: 0o644 },
      { content: key, target: '/tls/key.pem', mode: 0o644 },
    ])
    .withCommand([
      ...['redis-server', '--save', '', '--port', String(PLAIN), '--tls-port', String(TLS)],
      ...['--tls-cert-file', '/tls/cert.pem', '--tls-key-file', '/tls/key.pem', '--tls-auth-clients', 'no'],
      ...['--user', 'default', 'off'],
      ...['--user', ADMIN.name, 'on', `>${ADMIN.password}`, '~*', '+@all'],
      ...['--user', USER.name, 'on', `>${USER.password}`, ...API_RULES],
    ])
    .withExposedPorts({ container: PLAIN, host: ports.plain }, { container: TLS, host: ports.tls })
    .withWaitStrategy(Wait.forLogMessage(/Ready to accept connections tls/))
    .start();
  return {
    ask: async (...command) => {
      const cli = ['redis-cli', '--no-auth-warning', '--user', ADMIN.name, '--pass', ADMIN.password];
      return (await container.exec([...cli, ...command])).output.trim();
    },
    kill: () => container.stop({ timeout: 0 }),
  };
}
