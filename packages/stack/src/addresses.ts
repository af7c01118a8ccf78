import type { Config } from './config.ts';
import { checkPorts, freePort } from './ports.ts';

export type Addresses = {
  /** As people type it, without a slash at its end. */
  api: string;
  ports: { api: number; worker: number };
  /** What answers 2xx once an app can do its work. */
  health: { api: string; worker: string };
  /** Whose pages may upload. */
  origins: string[];
};

/**
 * Where everything will listen, known before anything does: bucket and API must be told the page's origin.
 * @throws {Error} with each port that is taken and the variable that changes it
 */
export async function chooseAddresses(config: Config): Promise<Addresses> {
  await checkPorts({
    PORT: config.PORT,
    WORKER_HEALTH_PORT: config.WORKER_HEALTH_PORT,
    LOCAL_AWS_PORT: config.embedsAws ? config.LOCAL_AWS_PORT : 0,
    LOCAL_PG_PORT: config.DATABASE_URL ? 0 : config.LOCAL_PG_PORT,
  });
  const api = config.PORT || (await freePort());
  const worker = config.WORKER_HEALTH_PORT || (await freePort());
  const host = reachable(config.HOST);
  return {
    api: `http://localhost:${api}`,
    ports: { api, worker },
    health: { api: `http://${host}:${api}/readyz`, worker: `http://${host}:${worker}/healthz` },
    origins: config.ALLOWED_ORIGINS ?? [`http://localhost:${api}`, `http://127.0.0.1:${api}`],
  };
}

/** Whoever listens on all addresses is reached on this machine's own. */
const reachable = (host: string | undefined): string =>
  host === undefined || host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
