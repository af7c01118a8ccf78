/**
 * Runs one of our entry points: `node run.mjs path/from/the/project/root argument…`. Plain JavaScript, because an
 * old Node cannot even load the TypeScript that it runs, and would say so unreadably.
 */
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const NEEDED = 24;

if (Number.parseInt(process.versions.node, 10) < NEEDED) {
  console.error(
    `This needs Node ${NEEDED}, and was run by Node ${process.versions.node}.\n` +
      `The project brings Node ${NEEDED} along as a package: run "npx -y pnpm install" in its folder and look for\n` +
      'errors, then start with "npx -y pnpm start", which uses it.',
  );
  process.exit(1);
}

if (process.env.NODE_ENV !== 'production' && existsSync('.env')) process.loadEnvFile('.env');

// What runs sees its own path where a program expects it.
process.argv.splice(1, 1);
await import(pathToFileURL(process.argv[1]).href);
