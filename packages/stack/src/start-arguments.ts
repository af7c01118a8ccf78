import { parseArgs } from 'node:util';

export const USAGE = `npx -y pnpm start [--verbose]      everything on this machine
npx -y pnpm dev   [--verbose]      the same; API and worker start anew when their code changes

Starts each backing service that the environment does not name, applies migrations, starts API and worker, and
prints the address of the page and a token once all of it is healthy. Ctrl-C stops everything.

  --verbose          show every line that API and worker log, not only warnings and errors

PORT                 of the API and the page (3000); 0 is any free one, for these three
LOCAL_AWS_PORT       of the local S3 and SQS (4566)
LOCAL_PG_PORT        of the local PostgreSQL (5433)
DATA_DIR             folder for all that the local services keep (.data)
DATABASE_URL         use this PostgreSQL
S3_BUCKET, AWS_REGION, SQS_QUEUE_URL
                     use this bucket and queue, which must be set up (npx -y pnpm setup:aws)
NODE_ENV=production  nothing local: all of these, ALLOWED_ORIGINS and JWT_SECRET or JWT_JWKS_URL must be set

.env.example has all variables; a file .env is read if there is one.`;

export type StartArguments = { watch: boolean; verbose: boolean; help: boolean };

/** @throws {TypeError} naming the argument that there is not */
export function startArguments(args: string[]): StartArguments {
  const { values } = parseArgs({
    args,
    options: {
      watch: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return values;
}
