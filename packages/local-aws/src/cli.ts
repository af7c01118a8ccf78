import { ConfigError } from '@s3-image-app/runtime';
import { loadConfig } from './config.ts';
import { startLocalAws } from './index.ts';

/** Runs local-aws alone, until SIGINT or SIGTERM. */
async function main(): Promise<void> {
  const aws = await startLocalAws({ ...loadConfig(process.env), log: console.error });
  console.log(`local-aws serves S3 and SQS at ${aws.endpoint}`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // Once: a second one ends the process at once.
    process.once(signal, () => {
      aws.stop().catch(fail);
    });
  }
}

function fail(error: unknown): void {
  const { code, port } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE') {
    console.error(
      `PORT ${port} is taken. Stop what listens there, or set PORT to another one (0 is one that is free).`,
    );
  } else {
    console.error(error instanceof ConfigError ? error.message : error);
  }
  process.exitCode = 1;
}

main().catch(fail);
