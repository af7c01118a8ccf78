import type { Bench } from '../bench.ts';
import { CANARY } from '../canary-image.ts';
import { putRendition } from '../hands.ts';
import { request, unlessRefused } from '../http.ts';
import { putOriginal } from '../original.ts';
import { type Probe, unless } from '../probe.ts';

const fix =
  'Run pnpm setup:aws: the bucket policy allows more than it should, or an access control list does.';

/** As a stranger, and as one who forges what the Referer lock lets through. */
const readAnyhow = async (bench: Bench, key: string): Promise<(string | undefined)[]> => {
  const url = `${bench.bucketUrl}/${key}`;
  const referer = `${bench.deployment.origins[0]}/`;
  return [
    await unlessRefused('a bare read', await request(url)),
    await unlessRefused('a read with an allowed Referer', await request(url, { headers: { referer } })),
  ];
};

export const anonymousProbes: Probe[] = [
  {
    name: 'an anonymous read of quarantine/ is refused',
    fix,
    run: async (bench) => unless(await readAnyhow(bench, await putOriginal(bench))),
  },
  {
    name: 'an anonymous read of private/ is refused',
    fix,
    run: async (bench) => unless(await readAnyhow(bench, await putRendition(bench, 'private/'))),
  },
  {
    name: 'an anonymous listing is refused',
    fix,
    run: async (bench) => {
      const response = await request(`${bench.bucketUrl}?list-type=2`);
      return unless([await unlessRefused('a listing', response)]);
    },
  },
  {
    name: 'an anonymous upload is refused',
    fix,
    run: async (bench) => {
      const put = async (key: string) => {
        const response = await request(`${bench.bucketUrl}/${key}`, {
          method: 'PUT',
          body: new Uint8Array(CANARY),
        });
        return unlessRefused(`an upload to ${key.split('/')[0]}/`, response);
      };
      return unless([await put(bench.newKey('quarantine/')), await put(bench.newKey('public/'))]);
    },
  },
  {
    name: 'an anonymous deletion is refused',
    fix,
    run: async (bench) => {
      const url = `${bench.bucketUrl}/${await putRendition(bench, 'public/')}`;
      return unless([await unlessRefused('a deletion', await request(url, { method: 'DELETE' }))]);
    },
  },
];
