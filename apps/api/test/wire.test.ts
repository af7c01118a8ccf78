import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bearer, startApi, type TestApi } from './api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

describe('a request over the wire', () => {
  let address: URL;
  beforeAll(async () => {
    address = new URL(await api.app.listen({ port: 0, host: '127.0.0.1' }));
  });

  /** What comes back on a connection of its own for these bytes. */
  const send = async (bytes: string) => {
    const socket = connect(Number(address.port), address.hostname);
    socket.write(bytes);
    const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
    return { head, body };
  };

  test('without a Host is refused like every other', async () => {
    const { head, body } = await send('GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1.1 400 [\s\S]*application\/problem\+json/);
    expect(JSON.parse(body)).toMatchObject({ status: 400, code: 'bad_request' });
    expect((await send('GET /healthz HTTP/1.0\r\n\r\n')).head).toMatch(/^HTTP\/1.1 200 /);
  });

  test('with two Hosts is refused, whatever they say', async () => {
    for (const [version, other] of [
      ['1.1', 'Host: y'],
      ['1.1', 'hOST: x'],
      ['1.0', 'Host: x'],
    ]) {
      const { head, body } = await send(
        `GET /healthz HTTP/${version}\r\nHost: x\r\nAccept: a/b\r\n${other}\r\nConnection: close\r\n\r\n`,
      );
      expect(head).toMatch(/^HTTP\/1.1 400 [\s\S]*application\/problem\+json/);
      expect(JSON.parse(body)).toMatchObject({ status: 400, code: 'bad_request' });
    }
  });

  test('that expects what nobody knows is served without it', async () => {
    const { head } = await send(
      'GET /healthz HTTP/1.1\r\nHost: x\r\nExpect: the-best\r\nConnection: close\r\n\r\n',
    );
    expect(head).toMatch(/^HTTP\/1.1 200 /);
  });

  test('with a body of ten million bytes is told so, and does not see the connection break', async () => {
    const response = await fetch(new URL('/api/images/upload', address), {
      method: 'POST',
      headers: { ...bearer(), 'content-type': 'application/json' },
      body: JSON.stringify({ contentType: 'image/png', alt: 'x'.repeat(10_000_000) }),
    });
    expect(response.status).toBe(413);
    expect(response.headers.get('connection')).not.toBe('close');
    expect(await response.json()).toMatchObject({ code: 'body_too_large' });
  });
});
