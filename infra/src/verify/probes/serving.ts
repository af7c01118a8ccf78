import type { Bench, Target } from '../bench.ts';
import { CANARY } from '../canary-image.ts';
import { putRendition } from '../hands.ts';
import { describe, request, unlessRefused } from '../http.ts';
import { failed, type Outcome, type Probe, passed, skipped, unless } from '../probe.ts';

/** How public images reach browsers, by the mode in which the deployment serves them. */
export const servingProbes = (target: Target): Probe[] => [
  ...(target.deployment.serving.mode === 'referer' ? refererLock : behindCloudFront),
  ...(target.bucketUrl.startsWith('https:') ? [plainHttp] : []),
];

const readPublic = async (bench: Bench, referer?: string): Promise<Response> =>
  request(`${bench.bucketUrl}/${await putRendition(bench, 'public/')}`, {
    headers: referer ? { referer } : {},
  });

const setUp = 'Run pnpm setup:aws, with each of your sites as a --domain.';

const refererLock: Probe[] = [
  {
    name: 'a public image opens on an allowed site',
    fix: `${setUp} If the bucket has it, an account-wide public access block is in the way: use CloudFront.`,
    run: async (bench) => {
      const answers = bench.deployment.origins.map(async (origin) => {
        const response = await readPublic(bench, `${origin}/some/page`);
        return response.status === 200 ? undefined : `on ${origin} it ${await describe(response)}`;
      });
      return unless(await Promise.all(answers));
    },
  },
  {
    name: 'a public image does not open on another site',
    fix: setUp,
    run: async (bench) => {
      const [origin = ''] = bench.deployment.origins;
      // The second is a host of somebody else's that starts like ours.
      const others = ['https://elsewhere.example/', `${origin}.elsewhere.example/`];
      const answers = others.map(async (referer) =>
        unlessRefused(`a read with the Referer ${referer}`, await readPublic(bench, referer)),
      );
      return unless(await Promise.all(answers));
    },
  },
  {
    name: 'a public image does not open without a Referer',
    fix: setUp,
    run: async (bench) => unless([await unlessRefused('a read without one', await readPublic(bench))]),
  },
];

const behindCloudFront: Probe[] = [
  {
    name: 'a public image does not open from the bucket itself',
    fix: 'Run pnpm setup:aws with --distribution: only CloudFront may read.',
    run: async (bench) => {
      const allowed = await readPublic(bench, `${bench.deployment.origins[0]}/`);
      return unless([
        await unlessRefused('a bare read', await readPublic(bench)),
        await unlessRefused('a read with an allowed Referer', allowed),
      ]);
    },
  },
  {
    name: 'a public image opens through CloudFront',
    fix: 'Check that the distribution has this bucket as its origin with origin access control, and run pnpm setup:aws with its ARN as --distribution.',
    run: openThroughCloudFront,
  },
];

async function openThroughCloudFront(bench: Bench): Promise<Outcome> {
  if (!bench.publicUrl) return skipped('give the address of the distribution as --public-url');
  const response = await request(`${bench.publicUrl}/${await putRendition(bench, 'public/')}`);
  if (response.status !== 200) return failed(await describe(response));
  const { byteLength } = await response.arrayBuffer();
  return byteLength === CANARY.length ? passed : failed(`answered ${byteLength} other bytes`);
}

const plainHttp: Probe = {
  name: 'plain HTTP is refused',
  fix: setUp,
  run: async (bench) => {
    const url = `${bench.bucketUrl.replace('https:', 'http:')}/${await putRendition(bench, 'public/')}`;
    const referer = `${bench.deployment.origins[0]}/`;
    return unless([await unlessRefused('a read', await request(url, { headers: { referer } }))]);
  },
};
