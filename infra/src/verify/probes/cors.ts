import type { Bench } from '../bench.ts';
import { makeForm, postForm } from '../form.ts';
import { request } from '../http.ts';
import { type Probe, unless } from '../probe.ts';

const setUp = 'Run pnpm setup:aws, with each of your sites as a --domain.';

/** What a browser asks before it lets a page of `origin` send such a request. Answers who may, in S3's words. */
async function preflight(bench: Bench, origin: string, method: string): Promise<string> {
  const response = await request(`${bench.bucketUrl}/${bench.newKey('quarantine/')}`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': method,
      'access-control-request-headers': 'content-type',
    },
  });
  const allowed = response.headers.get('access-control-allow-origin');
  return response.ok && allowed ? allowed : `nobody (${response.status})`;
}

const mayEach = (method: string) => async (bench: Bench) => {
  const answers = bench.deployment.origins.map(async (origin) => {
    const allowed = await preflight(bench, origin, method);
    return allowed === origin || allowed === '*'
      ? undefined
      : `${method} from ${origin} is allowed to ${allowed}`;
  });
  return unless(await Promise.all(answers));
};

export const corsProbes: Probe[] = [
  { name: 'CORS lets pages of the domain post forms', fix: setUp, run: mayEach('POST') },
  { name: 'CORS lets pages of the domain put parts', fix: setUp, run: mayEach('PUT') },
  {
    name: 'CORS lets pages of the domain read ETags',
    fix: `${setUp} A multipart upload cannot complete without them.`,
    run: async (bench) => {
      const [origin = ''] = bench.deployment.origins;
      const form = await makeForm(bench, bench.newKey('quarantine/'));
      const response = await postForm(bench, form, { headers: { origin } });
      const exposed = response.headers.get('access-control-expose-headers') ?? 'nothing';
      return unless([/\betag\b/i.test(exposed) ? undefined : `S3 exposes ${exposed}`]);
    },
  },
  {
    name: 'CORS lets pages of no other site in',
    fix: setUp,
    run: async (bench) => {
      const answers = ['GET', 'POST', 'PUT', 'DELETE'].map(async (method) => {
        const allowed = await preflight(bench, 'https://elsewhere.example', method);
        return allowed.startsWith('nobody') ? undefined : `${method} is allowed to ${allowed}`;
      });
      return unless(await Promise.all(answers));
    },
  },
];
