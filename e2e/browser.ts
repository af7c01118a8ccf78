import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';

const INSTALLED = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const ARGUMENTS = [
  // Root has no sandbox, and CI is often root. The pages are our own.
  '--no-sandbox',
  '--disable-gpu',
  // It must not look for anything beyond this machine.
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
];

const UNPACK = "await (await import('@sparticuz/chromium')).default.executablePath()";

/** Beside the package's folder of fonts: its own file looks for them where Lambda has them. Where Chromium finds none, it ends. */
const FONTS = '<fontconfig><dir prefix="relative">fonts</dir></fontconfig>\n';

const here = fileURLToPath(new URL('.', import.meta.url));

/** Real Chromium: the one that CHROME_PATH names, an installed one, or the one that comes as an npm package. */
export async function launchBrowser(): Promise<Browser> {
  const installed = process.env.CHROME_PATH ?? INSTALLED.find((path) => existsSync(path));
  const { executablePath, env } = installed
    ? { executablePath: installed, env: {} }
    : await packagedChromium();
  return chromium.launch({ executablePath, args: ARGUMENTS, env: { ...process.env, ...env } });
}

/** Unpacked once into a folder of ours, with the libraries that a small Linux does not have. */
async function packagedChromium() {
  const folder = join(here, 'node_modules', '.cache', 'chromium');
  const fonts = join(folder, 'fonts.conf');
  if (!existsSync(fonts)) await unpack(folder);
  return {
    executablePath: join(folder, 'chromium'),
    env: { LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'), FONTCONFIG_FILE: fonts },
  };
}

async function unpack(folder: string): Promise<void> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('There is no packaged Chromium for this machine: install one and set CHROME_PATH to it');
  }
  const unfinished = `${folder}-${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  // The package unpacks into the temporary folder, and the libraries only where it takes itself to be on Lambda.
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', UNPACK], {
    cwd: here,
    env: { ...process.env, TMPDIR: unfinished, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' },
  });
  await writeFile(join(unfinished, 'fonts.conf'), FONTS);
  await rm(folder, { recursive: true, force: true });
  await rename(unfinished, folder);
}
