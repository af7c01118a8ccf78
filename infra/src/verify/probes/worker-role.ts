import { handsOf, putRendition } from '../hands.ts';
import { putOriginal } from '../original.ts';
import { type Probe, unless } from '../probe.ts';
import { unlessDenied, unlessDone } from '../refusal.ts';

const fix =
  "Give the worker's role the policy of infra/generated/iam-worker.json and no other; then look whether the bucket policy allows it.";

/** The worker handles hostile bytes: whoever takes it over may not read what others keep, nor reach beyond our prefixes. */
export const workerRoleProbes: Probe[] = [
  {
    name: 'the worker can find and read originals',
    fix,
    run: async (bench) => {
      const { get, list } = handsOf(bench, 'worker');
      return unless([
        await unlessDone('listing quarantine/', list('quarantine/')),
        await unlessDone('reading one', get(await putOriginal(bench))),
      ]);
    },
  },
  {
    name: 'the worker can write finished images',
    fix,
    run: async (bench) => {
      const { put } = handsOf(bench, 'worker');
      return unless([
        await unlessDone('writing under public/', put(bench.newKey('public/'))),
        await unlessDone('writing under private/', put(bench.newKey('private/'))),
      ]);
    },
  },
  {
    name: 'the worker can delete originals and images',
    fix,
    run: async (bench) => {
      const { remove } = handsOf(bench, 'worker');
      const keys = [bench.newKey('quarantine/'), bench.newKey('public/'), bench.newKey('private/')];
      return unless(await Promise.all(keys.map((key) => unlessDone(`deleting ${key}`, remove(key)))));
    },
  },
  {
    name: 'the worker cannot read finished images',
    fix,
    run: async (bench) => {
      const { get } = handsOf(bench, 'worker');
      return unless([
        await unlessDenied('reading a private one', get(await putRendition(bench, 'private/'))),
        await unlessDenied('reading a public one', get(await putRendition(bench, 'public/'))),
      ]);
    },
  },
  {
    name: 'the worker cannot list outside quarantine/',
    fix,
    run: async (bench) => {
      const { list } = handsOf(bench, 'worker');
      const prefixes = [undefined, 'private/', 'public/'];
      return unless(
        await Promise.all(prefixes.map((prefix) => unlessDenied(`listing ${prefix ?? 'all'}`, list(prefix)))),
      );
    },
  },
  {
    name: 'the worker cannot write outside public/ and private/',
    fix,
    run: async (bench) => {
      const { put } = handsOf(bench, 'worker');
      const original = bench.newKey('quarantine/');
      const asOriginal = await unlessDenied('writing under quarantine/', put(original));
      if (asOriginal) bench.originals.add(original);
      return unless([
        asOriginal,
        await unlessDenied('writing under elsewhere/', put(bench.newKey('elsewhere/'))),
      ]);
    },
  },
  {
    name: 'the worker cannot delete outside our prefixes',
    fix,
    run: async (bench) => {
      const { remove } = handsOf(bench, 'worker');
      return unless([await unlessDenied('deleting under elsewhere/', remove(bench.newKey('elsewhere/')))]);
    },
  },
  {
    name: 'the worker cannot change the bucket policy',
    fix,
    run: async (bench) =>
      unless([await unlessDenied('changing it', handsOf(bench, 'worker').changePolicy())]),
  },
];
