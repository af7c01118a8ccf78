/** `pnpm start` and `pnpm dev`: everything that the service needs, on this machine. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chooseAddresses } from './addresses.ts';
import { appEnvironments } from './app-environments.ts';
import { startApps } from './apps.ts';
import { claimDataDir } from './claim-data-dir.ts';
import { type Config, loadConfig } from './config.ts';
import { migrate } from './migrate.ts';
import { type Ready, readyBlock } from './ready-block.ts';
import { createReadyFile } from './ready-file.ts';
import { createRun, type Run } from './run.ts';
import { ensureSecrets } from './secrets.ts';
import { startServices } from './services.ts';
import { type StartArguments, startArguments, USAGE } from './start-arguments.ts';
import { signToken } from './token.ts';

const TOKEN_SECONDS = 24 * 60 * 60;

// Whoever read what we print may be gone before us.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

const report = (line: string) => console.error(`${process.uptime().toFixed(1).padStart(5)} s  ${line}`);

async function start(config: Config, { verbose, watch }: StartArguments, run: Run): Promise<Ready> {
  const { api, ports, health, origins } = await chooseAddresses(config);
  const local = config.production ? undefined : await openDataDir(config, run);
  const { databaseUrl, aws, data } = await startServices(config, { origins, run, report });
  await migrate(databaseUrl);
  report('migrations applied');
  run.signal.throwIfAborted();

  const jwtSecret = await tokenSecret(config);
  const environments = appEnvironments({
    env: process.env,
    config,
    databaseUrl,
    aws,
    ports,
    origins,
    jwtSecret,
  });
  await startApps({ environments, health, logs: local?.logs, verbose, watch, run, report });

  const ready: Ready = {
    pid: process.pid,
    url: api,
    page: !config.production,
    token: config.production || !jwtSecret ? undefined : developmentToken(config, jwtSecret),
    s3: aws && { endpoint: aws.endpoint, region: aws.region, bucket: aws.bucket, origins },
    data,
    logs: local?.logs,
  };
  await local?.readyFile.write(ready);
  return ready;
}

/** Takes DATA_DIR for this run. In production there is none: nothing local keeps anything. */
async function openDataDir({ DATA_DIR }: Config, run: Run) {
  run.add(await claimDataDir(DATA_DIR));
  await mkdir(DATA_DIR, { recursive: true });
  const readyFile = await createReadyFile(DATA_DIR);
  run.add(readyFile);
  return { logs: join(DATA_DIR, 'logs'), readyFile };
}

/** What tokens are signed with; undefined where an issuer elsewhere signs them. */
async function tokenSecret(config: Config): Promise<string | undefined> {
  if (config.JWT_SECRET || config.JWT_JWKS_URL) return config.JWT_SECRET;
  return (await ensureSecrets(config.DATA_DIR)).jwtSecret;
}

const developmentToken = (config: Config, secret: string): string =>
  signToken({
    secret,
    sub: 'developer',
    ttlSeconds: TOKEN_SECONDS,
    issuer: config.JWT_ISSUER,
    audience: config.JWT_AUDIENCE,
  });

async function main(): Promise<void> {
  const options = startArguments(process.argv.slice(2));
  if (options.help) return console.log(USAGE);
  const config = loadConfig(process.env);
  const run = createRun();
  try {
    const ready = await start(config, options, run);
    console.log(readyBlock(ready, process.uptime()));
    await run.asked();
  } catch (error) {
    // Asked to stop while starting, it gives up where it is.
    if (!run.signal.aborted) fail(error);
  } finally {
    await run.stop(report);
  }
}

function fail(error: unknown): void {
  console.error(`\n${(error as Error).message}\n`);
  process.exitCode = 1;
}

await main().catch(fail);
