import { readFileSync } from 'node:fs';
import { paginateListObjectsV2 } from '@aws-sdk/client-s3';
import sharp from 'sharp';
import { expect, inject, test } from 'vitest';
import { apiClient, postForm } from '../api-client.ts';
import { storeClient, tokenOf } from '../service.ts';
import { compose, docker } from './compose.ts';

const run = inject('compose');
const api = apiClient(inject('service').url);
const photo = new Uint8Array(readFileSync(new URL('../fixtures/photo.jpg', import.meta.url)));

test('the token command prints a token that the API takes: a photo goes up and comes back as WebP', async () => {
  const token = (await compose(run, 'run', '--rm', 'token', '--sub', 'ada')).trim();
  const { image, upload } = await api.askForForm(token, { contentType: 'image/jpeg', visibility: 'private' });
  await postForm(upload, photo);
  const ready = await api.untilTerminal(token, image.id);
  expect(ready).toMatchObject({ status: 'ready' });
  expect((await fetch(ready.url)).headers.get('content-type')).toBe('image/webp');
});

test('no container has rights that it does not need, and ports are published to this machine alone', async () => {
  const ids = (await compose(run, 'ps', '--all', '--quiet')).trim().split('\n');
  const containers: Inspected[] = JSON.parse(await docker(['inspect', ...ids]));
  expect(containers.length).toBeGreaterThanOrEqual(7);
  for (const { Name, Config, HostConfig } of containers) {
    expect({ Name, ...Config, ...HostConfig }).toMatchObject({
      Name,
      User: expect.stringMatching(/^(node|postgres)$/),
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges:true'],
      Init: true,
    });
    expect(HostConfig.Memory, Name).toBeGreaterThan(0);
    for (const { HostIp } of Object.values(HostConfig.PortBindings ?? {}).flat()) {
      expect(HostIp, Name).toBe('127.0.0.1');
    }
  }
});

type Inspected = {
  Name: string;
  Config: { User: string };
  HostConfig: { Memory: number; PortBindings: Record<string, { HostIp: string }[]> | null };
};

test("the worker's image processes have the settings of their allocator, and know no secret", async () => {
  const script = `
    const { readdirSync, readFileSync } = require('node:fs');
    const processes = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).map((pid) => {
      const read = (name) => { try { return readFileSync('/proc/' + pid + '/' + name, 'utf8'); } catch { return ''; } };
      return { command: read('cmdline').replace(/\\0$/, ''), environment: read('environ').split('\\0').filter(Boolean) };
    });
    console.log(JSON.stringify(processes.filter(({ command }) => command.endsWith('/image/child.ts'))));`;
  const processes = JSON.parse(await compose(run, 'exec', '-T', 'worker', 'node', '--eval', script));
  expect(processes.length).toBeGreaterThan(0);
  for (const { environment } of processes) {
    expect(environment).toContain('MALLOC_ARENA_MAX=1');
    expect(environment.filter((variable: string) => !variable.startsWith('MALLOC_'))).toEqual([]);
  }
});

test('three workers process 300 images, each once', { timeout: 300_000 }, async () => {
  const folder = 'three';
  await compose(run, 'up', '--wait', '--no-recreate', '--scale', 'worker=3');

  const uploaded = await inBatches(300, async (index) => {
    // Of each owner fewer than it may hold unused forms of.
    const token = tokenOf(`owner-${index % 10}`);
    const { image, upload } = await api.askForForm(token, { contentType: 'image/jpeg', folder });
    await postForm(upload, await smallPhoto(index));
    return { token, id: image.id };
  });
  const images = await inBatches(300, (index) => {
    const { token, id } = uploaded[index] ?? { token: '', id: '' };
    return api.untilTerminal(token, id);
  });
  expect(images.filter(({ status }) => status !== 'ready')).toEqual([]);

  // The bucket holds what the images tell of, and no more: nothing twice, nothing left over.
  await expect.poll(() => keysBelow('quarantine/'), { timeout: 20_000 }).toEqual([]);
  const keys = images.flatMap(({ s3Key, variants }) => [s3Key, ...variants.map((variant) => variant.s3Key)]);
  expect(await keysBelow(`private/${folder}/`)).toEqual(keys.sort());
  const rows = `select status, count(*) from images where folder = '${folder}' group by status`;
  const psql = ['psql', '--username=images', '--tuples-only', '--no-align', '--command', rows];
  expect((await compose(run, 'exec', '-T', 'postgres', ...psql)).trim()).toBe('ready|300');

  const made = await promotions(new Set(images.map(({ id }) => id)));
  expect(made.map(({ image }) => image).sort()).toEqual(images.map(({ id }) => id).sort());
  expect(new Set(made.map(({ worker }) => worker)).size).toBe(3);
});

/** Does it for each number below `count`, ten at a time. */
async function inBatches<T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  while (results.length < count) {
    const batch = Array.from({ length: Math.min(10, count - results.length) }, (_, i) => results.length + i);
    results.push(...(await Promise.all(batch.map(work))));
  }
  return results;
}

/** A JPEG of its own for each number. */
async function smallPhoto(index: number): Promise<Uint8Array<ArrayBuffer>> {
  const background = { r: index % 256, g: (index * 7) % 256, b: (index * 13) % 256 };
  const create = { width: 400 + (index % 100), height: 300, channels: 3, background } as const;
  return new Uint8Array(await sharp({ create }).jpeg().toBuffer());
}

async function keysBelow(prefix: string): Promise<string[]> {
  const client = storeClient();
  const keys: string[] = [];
  const pages = paginateListObjectsV2({ client }, { Bucket: inject('service').s3.bucket, Prefix: prefix });
  for await (const { Contents = [] } of pages) keys.push(...Contents.flatMap(({ Key }) => Key ?? []));
  client.destroy();
  return keys.sort();
}

/** Which worker turned which of the images ready, by the workers' logs: an entry for each time. */
async function promotions(ids: Set<string>): Promise<{ worker: string; image: string }[]> {
  const workers = (await compose(run, 'ps', '--quiet', 'worker')).trim().split('\n');
  const logs = await Promise.all(
    workers.map(async (worker) => {
      const lines = (await docker(['logs', worker])).trim().split('\n');
      return lines.map((line) => ({ worker, ...JSON.parse(line) }));
    }),
  );
  return logs.flat().filter(({ image, settled }) => settled === 'ready' && ids.has(image));
}
