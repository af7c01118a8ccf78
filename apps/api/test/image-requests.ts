import type { LightMyRequestResponse } from 'fastify';
import { bearer, type TestApi } from './api.ts';
import { issue, makeReady } from './images.ts';

/** A request for a form by a caller of its own, so that tests do not use up each other's forms. */
export const requestForm = (
  api: TestApi,
  payload: unknown,
  options: { path?: string; sub?: string } = {},
): Promise<LightMyRequestResponse> =>
  api.app.inject({
    method: 'POST',
    url: `/api/images/${options.path ?? 'upload'}`,
    headers: { ...bearer({ sub: options.sub ?? crypto.randomUUID() }), 'content-type': 'application/json' },
    payload: JSON.stringify(payload),
  });

/** What is answered under `/api/images/`, to alice unless `claims` name another caller. */
export const get = (api: TestApi, path: string, claims = {}, headers = {}): Promise<LightMyRequestResponse> =>
  api.app.inject({ url: `/api/images/${path}`, headers: { ...bearer(claims), ...headers } });

export const remove = (api: TestApi, id: string, claims = {}): Promise<LightMyRequestResponse> =>
  api.app.inject({ method: 'DELETE', url: `/api/images/${id}`, headers: bearer(claims) });

/** A ready image of alice's. */
export async function readyImage(api: TestApi, asked: object = {}): Promise<string> {
  const { image } = await issue(api, asked);
  await makeReady(api, image.id);
  return image.id;
}
