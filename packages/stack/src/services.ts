import { join } from 'node:path';
import type { Config } from './config.ts';
import { type EmbeddedAws, startEmbeddedAws } from './embedded-aws.ts';
import { startEmbeddedPostgres } from './postgres.ts';
import type { Run } from './run.ts';
import { ensureSecrets } from './secrets.ts';

export type Services = {
  databaseUrl: string;
  /** Absent where the environment names bucket and queue. */
  aws: EmbeddedAws | undefined;
  /** Folders that hold what the embedded ones keep. */
  data: string[];
};

type Options = { origins: string[]; run: Run; report: (line: string) => void };

/** The backing services: those that the environment names, and an embedded one for each that it does not. */
export async function startServices(config: Config, options: Options): Promise<Services> {
  const postgres = config.DATABASE_URL
    ? { url: config.DATABASE_URL, dataDir: undefined }
    : await embedPostgres(config, options);
  const aws = config.embedsAws ? await embedAws(config, options) : undefined;
  const data = new Set<string>();
  if (aws || postgres.dataDir) data.add(config.DATA_DIR);
  // PostgreSQL's user cannot enter every DATA_DIR; its data then lies elsewhere.
  if (postgres.dataDir && !postgres.dataDir.startsWith(config.DATA_DIR)) data.add(postgres.dataDir);
  return { databaseUrl: postgres.url, aws, data: [...data] };
}

async function embedPostgres(config: Config, { run, report }: Options) {
  const { postgresPassword } = await ensureSecrets(config.DATA_DIR);
  const postgres = await startEmbeddedPostgres({
    dataDir: join(config.DATA_DIR, 'postgres'),
    port: config.LOCAL_PG_PORT,
    password: postgresPassword,
    logFile: join(config.DATA_DIR, 'logs', 'postgres.log'),
  });
  run.add({ name: 'PostgreSQL', ended: postgres.ended, stop: postgres.stop });
  report(`PostgreSQL on port ${postgres.port}`);
  return postgres;
}

async function embedAws(config: Config, { origins, run, report }: Options): Promise<EmbeddedAws> {
  const secrets = await ensureSecrets(config.DATA_DIR);
  const aws = await startEmbeddedAws({
    port: config.LOCAL_AWS_PORT,
    dataDir: join(config.DATA_DIR, 'aws'),
    keys: secrets.aws,
    origins,
  });
  run.add({ name: 'local S3 and SQS', stop: aws.stop });
  report(`local S3 and SQS on ${aws.endpoint}`);
  return aws;
}
