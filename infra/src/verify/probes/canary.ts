import { setTimeout as delay } from 'node:timers/promises';
import type { Bench } from '../bench.ts';
import { CANARY, CANARY_TYPE } from '../canary-image.ts';
import { type Form, sendForm } from '../form.ts';
import { request } from '../http.ts';
import { failed, type Outcome, type Probe, passed, skipped } from '../probe.ts';

const LOOK_EVERY_MS = 500;

/** The part of the API's image document that we look at. */
type Image = { id: string; status: string; terminal: boolean; url?: string; rejection?: { code: string } };
type Service = { url: string; token: string };

export const canaryProbe: Probe = {
  name: 'a canary image becomes ready and is deleted',
  fix: 'All that lies under it having passed, look at the log of the worker, and whether it runs; the API says why in the image document.',
  run: async (bench) =>
    bench.service
      ? await flyCanary(bench, bench.service)
      : skipped('give --api-url and a token (VERIFY_TOKEN) to send an image all the way'),
};

async function flyCanary(bench: Bench, service: Service): Promise<Outcome> {
  const issued = await call(service, 'POST', '/api/images/upload', {
    contentType: CANARY_TYPE,
    size: CANARY.length,
    folder: 'verify',
    visibility: 'private',
  });
  if (issued.status !== 201) return failed(`asked for a form, the API answered ${issued.status}`);
  const { image, upload } = (await issued.json()) as { image: Image; upload: Form };
  const path = `/api/images/${encodeURIComponent(image.id)}`;
  try {
    const posted = await sendForm(upload);
    if (!posted.ok) return failed(`S3 answered its form with ${posted.status}`);
    const processed = await untilTerminal(bench, service, path);
    if (!processed) {
      // Its event may still lie in the queue, for an image that is gone in a moment.
      bench.originals.add(upload.fields.key ?? '');
      return failed(`it was not ready after ${bench.timeoutMs / 1000} s`);
    }
    const amiss = await notServed(processed);
    if (amiss) return failed(amiss);
  } finally {
    await call(service, 'DELETE', path);
  }
  const { status } = await call(service, 'GET', path);
  return status === 404 ? passed : failed(`deleted, it still answered ${status}`);
}

async function untilTerminal(bench: Bench, service: Service, path: string): Promise<Image | undefined> {
  const deadline = Date.now() + bench.timeoutMs;
  while (Date.now() < deadline) {
    const response = await call(service, 'GET', path);
    if (!response.ok) throw new Error(`asked for the image, the API answered ${response.status}`);
    const { image } = (await response.json()) as { image: Image };
    if (image.terminal) return image;
    await delay(LOOK_EVERY_MS);
  }
  return undefined;
}

/** What is wrong with it, as a client sees it; undefined if it opens as WebP. */
async function notServed({ status, rejection, url }: Image): Promise<string | undefined> {
  if (status !== 'ready' || !url) return `it ended ${status}${rejection ? `: ${rejection.code}` : ''}`;
  const response = await request(url);
  const type = response.headers.get('content-type');
  await response.arrayBuffer();
  return response.status === 200 && type === 'image/webp'
    ? undefined
    : `its URL answered ${response.status} with ${type}`;
}

const call = (service: Service, method: string, path: string, body?: object): Promise<Response> =>
  request(service.url + path, {
    method,
    headers: {
      authorization: `Bearer ${service.token}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
