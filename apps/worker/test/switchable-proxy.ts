import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export type SwitchableProxy = {
  port: number;
  /** Connections refused since it was switched off. */
  refused(): number;
  switchOff(): void;
  switchOn(): void;
  close(): void;
};

/** A line to `port` of this machine that can be cut, and mended. */
export async function startProxy(port: number): Promise<SwitchableProxy> {
  let on = true;
  let refused = 0;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    if (!on) {
      refused += 1;
      near.destroy();
      return;
    }
    const far = connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.pipe(other);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    refused: () => refused,
    switchOff: () => {
      on = false;
      refused = 0;
      cut();
    },
    switchOn: () => {
      on = true;
    },
    close: () => {
      server.close();
      cut();
    },
  };
}
