import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi, type TestApi } from './api.ts';
import { get, readyImage } from './image-requests.ts';
import { issue } from './images.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

describe('a link', () => {
  test('to an image that is ready works, and is the same when asked again', async () => {
    const id = await readyImage(api);

    const response = await get(api, `${id}/url?expiresIn=600`);

    expect(response.statusCode).toBe(200);
    const { success, url, expiresAt } = response.json();
    expect(success).toBe(true);
    const life = new Date(expiresAt).getTime() - Date.now();
    expect(life).toBeGreaterThan(449_000);
    expect(life).toBeLessThanOrEqual(600_000);
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url.replace(id, '00000000-0000-4000-8000-000000000000'))).status).toBe(403);
    // Of two askings one may fall into the next window, of three at most one.
    const again = [await get(api, `${id}/url?expiresIn=600`), await get(api, `${id}/url?expiresIn=600`)];
    expect([url, again[0]?.json().url]).toContain(again[1]?.json().url);
  });

  test('to a public image needs no Referer, as native apps send none', async () => {
    const id = await readyImage(api, { visibility: 'public' });
    const { url } = (await get(api, `${id}/url`, { sub: 'bob' })).json();
    expect((await fetch(url)).status).toBe(200);
  });

  test('to an image that is not ready answers 409 and when to come back', async () => {
    const { image } = await issue(api);
    const response = await get(api, `${image.id}/url`);
    expect(response.statusCode).toBe(409);
    expect(response.json().code).toBe('image_not_ready');
    expect(response.headers['retry-after']).toBe('1');
  });

  test.each([
    '59',
    '604801',
    'soon',
    '1.5',
    '',
    '1e999',
    '0x1000',
    '1e3',
    '%20600',
    '+600',
    '600.0',
    '٦٠٠',
    '600&expiresIn=600',
  ])('of %s seconds is refused, and told what is allowed', async (expiresIn) => {
    const response = await get(api, `${await readyImage(api)}/url?expiresIn=${expiresIn}`);
    expect(response.statusCode).toBe(400);
    expect(response.json().errors).toEqual([
      { pointer: '#/expiresIn', detail: 'expiresIn must be a whole number from 60 to 604800' },
    ]);
  });
});
