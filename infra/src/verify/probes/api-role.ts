import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { handsOf, putRendition } from '../hands.ts';
import { putOriginal } from '../original.ts';
import { type Probe, skipped, unless } from '../probe.ts';
import { unlessDenied, unlessDone } from '../refusal.ts';

const fix =
  "Give the API's role the policy of infra/generated/iam-api.json and no other; then look whether the bucket policy allows it.";

/** Whoever takes over the API may sign forms and links, and delete; not read what clients sent, nor write what we serve. */
export const apiRoleProbes: Probe[] = [
  {
    name: 'the API can sign links to finished images',
    fix,
    run: async (bench) => {
      const { get } = handsOf(bench, 'api');
      return unless([
        await unlessDone('reading a private one', get(await putRendition(bench, 'private/'))),
        await unlessDone('reading a public one', get(await putRendition(bench, 'public/'))),
      ]);
    },
  },
  {
    name: 'the API can delete originals and images',
    fix,
    run: async (bench) => {
      const { remove } = handsOf(bench, 'api');
      const keys = [bench.newKey('quarantine/'), bench.newKey('public/'), bench.newKey('private/')];
      return unless(await Promise.all(keys.map((key) => unlessDone(`deleting ${key}`, remove(key)))));
    },
  },
  {
    name: 'the API cannot read originals',
    fix,
    run: async (bench) => {
      const { get } = handsOf(bench, 'api');
      return unless([await unlessDenied('reading one', get(await putOriginal(bench)))]);
    },
  },
  {
    name: 'the API cannot list the bucket',
    fix,
    run: async (bench) => {
      const { list } = handsOf(bench, 'api');
      const prefixes = [undefined, 'quarantine/', 'private/'];
      return unless(
        await Promise.all(prefixes.map((prefix) => unlessDenied(`listing ${prefix ?? 'it'}`, list(prefix)))),
      );
    },
  },
  {
    name: 'the API cannot write finished images',
    fix,
    run: async (bench) => {
      const { put } = handsOf(bench, 'api');
      return unless([
        await unlessDenied('writing under public/', put(bench.newKey('public/'))),
        await unlessDenied('writing under private/', put(bench.newKey('private/'))),
      ]);
    },
  },
  {
    name: 'the API cannot touch keys outside our prefixes',
    fix,
    run: async (bench) => {
      const { put, remove } = handsOf(bench, 'api');
      const key = bench.newKey('elsewhere/');
      return unless([
        await unlessDenied('writing one', put(key)),
        await unlessDenied('deleting one', remove(key)),
      ]);
    },
  },
  {
    name: 'the API cannot change the bucket policy',
    fix,
    run: async (bench) => unless([await unlessDenied('changing it', handsOf(bench, 'api').changePolicy())]),
  },
  {
    name: 'the API cannot receive from the queue',
    fix,
    run: async (bench) => {
      if (!bench.queueUrl) return skipped('there is no queue to look at');
      // Where it is allowed, what came is there again at once.
      const receive = new ReceiveMessageCommand({
        QueueUrl: bench.queueUrl,
        WaitTimeSeconds: 0,
        VisibilityTimeout: 0,
      });
      return unless([await unlessDenied('receiving', bench.api.sqs.send(receive))]);
    },
  },
];
