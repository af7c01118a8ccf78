/** `pnpm --silent run token`: prints a bare JWT for the running configuration. */
import { parseArgs } from 'node:util';
import { loadTokenConfig } from './config.ts';
import { readSecrets } from './secrets.ts';
import { signToken } from './token.ts';

const USAGE = `npx -y pnpm --silent run token [--sub NAME] [--role admin] [--ttl SECONDS]

Prints a token for the API, signed with JWT_SECRET or, without it, with the secret that "start" keeps in DATA_DIR.

  --sub NAME      whom it names: the owner of what is uploaded with it (default: developer)
  --role admin    sees and changes everybody's images
  --ttl SECONDS   how long it is valid (default: 86400, a day)`;

const DAY_SECONDS = 86_400;

function readArguments() {
  const { values } = parseArgs({
    options: {
      sub: { type: 'string', default: 'developer' },
      role: { type: 'string' },
      ttl: { type: 'string', default: String(DAY_SECONDS) },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const ttlSeconds = Number(values.ttl);
  if (!Number.isInteger(ttlSeconds) || ttlSeconds < 1) {
    throw new Error(`--ttl must be a whole number of seconds, 1 or more, not "${values.ttl}"`);
  }
  if (values.sub.trim() === '') throw new Error('--sub must name somebody');
  if (values.role !== undefined && values.role !== 'admin') {
    throw new Error(`--role can only be admin, not "${values.role}"`);
  }
  return { ...values, ttlSeconds };
}

async function main(): Promise<void> {
  const { sub, role, ttlSeconds, help } = readArguments();
  if (help) return console.log(USAGE);
  const config = loadTokenConfig(process.env);
  if (config.JWT_JWKS_URL) {
    throw new Error('JWT_JWKS_URL is set: tokens come from that issuer, and only it can sign them');
  }
  const secret = config.JWT_SECRET ?? (await readSecrets(config.DATA_DIR))?.jwtSecret;
  if (!secret) {
    throw new Error(
      `There is no secret to sign with: start the service once ("npx -y pnpm start"), which makes one in ${config.DATA_DIR}, or set JWT_SECRET`,
    );
  }
  const { JWT_ISSUER: issuer, JWT_AUDIENCE: audience } = config;
  console.log(signToken({ secret, sub, role, ttlSeconds, issuer, audience }));
}

try {
  await main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
