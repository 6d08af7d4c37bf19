import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { Resolver } from '@myelin/runtime';
import { describeFederations, TestPeer, type TestServer } from '@myelin/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';

describeFederations((start) => {
  /** Takes connections and says nothing. */
  const sockets = new Set<Socket>();
  const silent = createServer((socket) => sockets.add(socket.on('error', () => {})));
  let server: TestServer;
  let peer: TestPeer;
  beforeAll(async () => {
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const isHere = (host: string): boolean => host === 'localhost' || host.endsWith('.silent.test');
    const resolver: Resolver = {
      addresses: async (host) => (isHere(host) ? ['127.0.0.1'] : []),
      services: async () => [],
    };
    [server] = (await start(1, { resolver })) as [TestServer];
    peer = await TestPeer.start();
  });
  afterAll(() => peer.stop());

  it('a server is let in at once while many call in the names of servers that never answer', async () => {
    const { port } = silent.address() as AddressInfo;
    const path = '/_matrix/federation/v1/query/directory?room_alias=%23nothing%3A' + server.serverName;
    const crowd = Array.from({ length: 60 }, (_none, i) =>
      peer.send(server.serverName, 'GET', path, { origin: `s${i}.silent.test:${port}` }),
    );
    while (sockets.size < 4) await new Promise((resolve) => setTimeout(resolve, 10));
    const begin = performance.now();
    expect(await peer.send(server.serverName, 'GET', path)).toMatchObject({ status: 404 });
    // The silent ones have their places for five seconds.
    expect(performance.now() - begin).toBeLessThan(4_000);
    expect(sockets.size).toBe(4);
    silent.close();
    for (const socket of sockets) socket.destroy();
    expect(new Set((await Promise.all(crowd)).map(({ status }) => status))).toEqual(new Set([401]));
  });
});
