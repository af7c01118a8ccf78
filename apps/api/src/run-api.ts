import { connectDb } from '@s3-image-app/db';
import { createLogger, createS3Client, type Environment, loadOrExit } from '@s3-image-app/runtime';
import closeWithGrace from 'close-with-grace';
import { buildApp } from './app.ts';
import { loadConfig } from './config.ts';

/** Milliseconds for running requests to end before the process ends without them. */
const CLOSE_WITHIN = 10_000;

/** The API as a process, by its variables alone, until a signal or whoever started it ends it. */
export async function runApi(env: Environment): Promise<void> {
  const config = loadOrExit(loadConfig, env);
  const logger = createLogger({ level: config.LOG_LEVEL, name: 'api' });
  const db = connectDb(config.DATABASE_URL, { name: 's3-image-app api' });
  const s3Settings = { region: config.AWS_REGION, forcePathStyle: config.S3_FORCE_PATH_STYLE };
  const s3 = createS3Client({ ...s3Settings, endpoint: config.S3_ENDPOINT });
  const browserS3 = createS3Client({
    ...s3Settings,
    endpoint: config.S3_PUBLIC_ENDPOINT ?? config.S3_ENDPOINT,
  });
  const app = await buildApp({ config, db, s3, browserS3, logger });

  // A second signal ends the process at once; so does a close that takes too long.
  const { close } = closeWithGrace({ delay: CLOSE_WITHIN, logger: app.log }, async ({ err, signal }) => {
    if (err) logger.fatal({ err }, 'closing after an error that nothing handled');
    else logger.info({ signal }, 'closing');
    await app.close();
    await db.close();
    s3.destroy();
    browserS3.destroy();
  });
  // Started with an IPC channel, the API ends with whoever holds the other end.
  process.once('disconnect', close);

  await app.listen({ port: config.PORT, host: config.HOST });
}
