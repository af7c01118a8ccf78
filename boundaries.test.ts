import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let tree: string;
beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), 'boundaries-'));
  copyFileSync('biome.jsonc', join(tree, 'biome.jsonc'));
});
afterAll(() => rmSync(tree, { recursive: true }));

/** What our linter's rules say of `source`, were it the file at `path`. */
const lint = (path: string, source: string): string => {
  const file = join(tree, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, source);
  const run = spawnSync('biome', ['lint', '--vcs-enabled=false', path], { cwd: tree, encoding: 'utf8' });
  rmSync(file);
  return run.stdout + run.stderr;
};

describe('the linter keeps the boundaries between the parts', () => {
  it.each([
    ['apps/api/src/images/x.ts', "import '../../../worker/src/main.ts';", 'Apps are not imported'],
    ['apps/worker/src/x.ts', "import '@s3-image-app/api';", 'Apps are not imported'],
    ['packages/stack/src/x.ts', "import '../../../apps/api/src/app.ts';", 'Apps are not imported'],
    ['apps/worker/src/image/x.ts', "import '@s3-image-app/db';", 'import nothing of ours'],
    ['apps/worker/src/image/x.ts', "import '../process-image.ts';", 'import nothing of ours'],
    ['apps/worker/src/queue/x.ts', "import '@s3-image-app/infra';", 'import nothing of ours'],
    ['apps/worker/src/image/x.ts', "import 'postgres';", 'Only packages/db builds SQL'],
    ['apps/api/src/x.ts', "import { sql } from 'drizzle-orm';\nsql;", 'Only packages/db builds SQL'],
    ['packages/stack/src/x.ts', "import 'postgres';", 'Only packages/db builds SQL'],
    ['apps/api/src/x.ts', 'export const port = process.env.PORT;', 'noProcessEnv'],
    ['packages/db/src/x.ts', 'export const url = process.env.DATABASE_URL;', 'noProcessEnv'],
    ['packages/stack/src/x.ts', 'export const url = process.env.DATABASE_URL;', 'noProcessEnv'],
  ])('%s may not say %s', (path, source, complaint) => {
    expect(lint(path, source)).toContain(complaint);
  });

  it.each([
    ['apps/api/src/config.ts', 'export const port = process.env.PORT;'],
    ['packages/db/src/x.ts', "import { sql } from 'drizzle-orm';\nexport const one = sql`1`;\n"],
    ['apps/worker/src/image/x.ts', "import './inspect.ts';\nimport sharp from 'sharp';\nexport { sharp };\n"],
  ])('%s may say %s', (path, source) => {
    expect(lint(path, source)).toContain('Checked 1 file');
    expect(lint(path, source)).not.toMatch(/noProcessEnv|noRestrictedImports/);
  });
});
