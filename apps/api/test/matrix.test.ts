import { text } from 'node:stream/consumers';
import {
  claimImage,
  createImages,
  expireImage,
  markDeleting,
  removeImage,
  settleReady,
  settleRejected,
} from '@s3-image-app/db';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bearer, startApi, type TestApi } from './api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ MAX_PENDING_PER_OWNER: '100000' });
});
afterAll(() => api.stop());

const CALLERS = {
  'no token': {},
  'a bad token': { authorization: 'Bearer nonsense' },
  'its owner': bearer({ sub: 'alice' }),
  'somebody else': bearer({ sub: 'bob' }),
  'an administrator': bearer({ sub: 'root', role: 'admin' }),
};

type State = 'pending' | 'ready public' | 'ready private' | 'rejected' | 'expired' | 'deleting' | 'absent';
const STATES: State[] = [
  'pending',
  'ready public',
  'ready private',
  'rejected',
  'expired',
  'deleting',
  'absent',
];

/** The id of an image of alice's in that state. */
async function imageIn(state: State): Promise<string> {
  const id = crypto.randomUUID();
  const visibility = state === 'ready public' ? 'public' : 'private';
  await createImages(api.db.db, [
    {
      id,
      ownerId: 'alice',
      contentType: 'image/jpeg',
      maxBytes: 1000,
      formExpiresAt: new Date(Date.now() + (state === 'expired' ? -60_000 : 600_000)),
      folder: 'uploads',
      visibility,
      entityType: 'product',
      entityId: id,
    },
  ]);
  if (state === 'expired') await expireImage(api.db.db, id, 0);
  if (state === 'deleting' || state === 'absent') await markDeleting(api.db.db, id);
  if (state === 'absent') await removeImage(api.db.db, id);
  if (state === 'rejected' || state.startsWith('ready')) {
    const claim = await claimImage(api.db.db, id, 60);
    if (!claim) throw new Error('not claimed');
    if (state === 'rejected')
      await settleRejected(api.db.db, claim, { code: 'corrupt', detail: 'cut short' });
    else {
      await settleReady(api.db.db, claim, {
        s3Key: `${visibility}/uploads/${id}.webp`,
        width: 1,
        height: 1,
        sizeBytes: 1,
        variants: [],
        thumbhash: null,
        placeholder: null,
      });
    }
  }
  return id;
}

type Route = { method: 'GET' | 'POST' | 'PATCH' | 'DELETE'; path: string; payload?: object };
const ROUTES: Record<string, Route> = {
  look: { method: 'GET', path: '' },
  // The answer to a stream's start is what counts here; of an image in a final status it ends at once.
  follow: { method: 'GET', path: '/events' },
  link: { method: 'GET', path: '/url' },
  form: { method: 'POST', path: '/form' },
  change: { method: 'PATCH', path: '', payload: { alt: 'x' } },
  delete: { method: 'DELETE', path: '' },
};

/** What the owner and an administrator are answered, by route and state. */
const OWN: Record<string, Record<State, number>> = {
  look: row(200, 200, 200, 200, 200),
  follow: row(200, 200, 200, 200, 200),
  link: row(409, 200, 200, 409, 409),
  form: row(200, 409, 409, 409, 200),
  change: row(200, 200, 200, 200, 200),
  delete: row(204, 204, 204, 204, 204),
};

function row(pending: number, open: number, closed: number, rejected: number, expired: number) {
  return {
    pending,
    'ready public': open,
    'ready private': closed,
    rejected,
    expired,
    deleting: 404,
    absent: 404,
  };
}

function expected(caller: keyof typeof CALLERS, route: string, state: State): number {
  if (caller === 'no token' || caller === 'a bad token') return 401;
  if (caller !== 'somebody else') return OWN[route]?.[state] ?? 0;
  if (state !== 'ready public') return 404;
  return ['look', 'follow', 'link'].includes(route) ? 200 : 403;
}

describe.each(Object.keys(ROUTES))('to %s an image', (name) => {
  test.each(STATES)('that is %s', async (state) => {
    const { method, path, payload } = ROUTES[name] as Route;
    const answers: Record<string, number> = {};
    const wanted: Record<string, number> = {};
    for (const caller of Object.keys(CALLERS) as (keyof typeof CALLERS)[]) {
      const id = await imageIn(state);
      const response = await api.app.inject({
        method,
        url: `/api/images/${id}${path}`,
        headers: CALLERS[caller],
        payloadAsStream: true,
        ...(payload ? { payload } : {}),
      });
      // A stream of a pending image lasts: deleting the image ends it.
      if (name === 'follow' && state === 'pending') await markDeleting(api.db.db, id);
      const body = await text(response.stream());
      answers[caller] = response.statusCode;
      wanted[caller] = expected(caller, name, state);
      if (response.statusCode >= 400) {
        expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
        expect(JSON.parse(body)).toMatchObject({ status: response.statusCode, success: false });
      }
    }
    expect(answers).toEqual(wanted);
  });
});

describe.each(STATES)('lists of an image that is %s', (state) => {
  test('hold it for those who may see it', async () => {
    const id = await imageIn(state);
    const listed = async (caller: keyof typeof CALLERS, url: string) => {
      const response = await api.app.inject({ url, headers: CALLERS[caller] });
      if (response.statusCode !== 200) return response.statusCode;
      return response.json().images.some((image: { id: string }) => image.id === id);
    };
    const exists = state !== 'deleting' && state !== 'absent';
    for (const url of [`/api/images/entity/product/${id}`, '/api/images?limit=100']) {
      const own = url === '/api/images?limit=100';
      expect(await listed('no token', url)).toBe(401);
      expect(await listed('a bad token', url)).toBe(401);
      expect(await listed('its owner', url)).toBe(exists);
      expect(await listed('an administrator', url)).toBe(exists);
      expect(await listed('somebody else', url)).toBe(state === 'ready public' && !own);
    }
  });
});

test('to upload needs a token and nothing else', async () => {
  for (const [path, payload] of Object.entries({
    upload: { contentType: 'image/png' },
    'upload-many': { images: [{ contentType: 'image/png' }] },
  })) {
    const answers = await Promise.all(
      Object.values(CALLERS).map((headers) =>
        api.app.inject({ method: 'POST', url: `/api/images/${path}`, headers, payload }),
      ),
    );
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([401, 401, 201, 201, 201]);
  }
});
