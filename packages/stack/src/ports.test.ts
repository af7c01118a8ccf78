import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { checkPorts, freePort } from './ports.ts';

test('a port that somebody listens on is told with the variable that changes it', async () => {
  const port = await freePort();
  const server = createServer().listen(port);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const free = await freePort();
  await expect(checkPorts({ PORT: port, LOCAL_AWS_PORT: free, LOCAL_PG_PORT: 0 })).rejects.toThrow(
    `Port ${port} is taken: set PORT to another one, or to 0 for any that is free`,
  );
  await expect(checkPorts({ PORT: free, LOCAL_AWS_PORT: 0 })).resolves.toBeUndefined();
});
