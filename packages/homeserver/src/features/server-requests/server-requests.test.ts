import { SigningKey } from '@myelin/protocol';
import { describeFederations, TestPeer, type SignedRequestOptions, type TestServer } from '@myelin/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

describeFederations((start) => {
  let server: TestServer;
  let peer: TestPeer;
  beforeAll(async () => {
    [server] = (await start(1)) as [TestServer];
    peer = await TestPeer.start();
  });
  afterAll(() => peer.stop());

  /** A transaction with nothing in it: any server may send one. */
  const send = (options: SignedRequestOptions = {}, from = peer) => {
    const path = '/_matrix/federation/v1/query/directory?room_alias=%23nothing%3A' + server.serverName;
    return from.send(server.serverName, 'GET', path, options);
  };

  it('takes a request that is signed', async () => {
    const answer = await send();
    expect(answer.body).toMatchObject({ errcode: 'M_NOT_FOUND' });
    expect(answer.status).toBe(404);
  });

  it('asks for the keys of a server once', async () => {
    const asked = peer.keyRequests;
    await Promise.all([send(), send(), send()]);
    expect(peer.keyRequests).toBe(Math.max(asked, 1));
  });

  describe('refuses with 401', () => {
    const wrong: Record<string, () => SignedRequestOptions> = {
      'no signature': () => ({ authorization: [] }),
      'a token': () => ({ authorization: 'Bearer abc' }),
      'a signature of something else': () => ({ signedUri: '/_matrix/federation/v1/query/profile' }),
      'another destination': () => ({ destination: 'localhost:1' }),
      'an origin that is no server name': () => ({ origin: 'not a name' }),
      'an origin that has no keys': () => ({ origin: 'localhost:1' }),
      'itself as the origin': () => ({ origin: server.serverName }),
      'a header that is cut off': () => ({ authorization: `X-Matrix origin="${peer.serverName}",key="ed25519:peer"` }),
    };
    it.each(Object.keys(wrong))('%s', async (name) => {
      const answer = await send((wrong[name] as () => SignedRequestOptions)());
      expect(answer.body).toMatchObject({ errcode: 'M_UNAUTHORIZED' });
      expect(answer.status).toBe(401);
    });

    it('a key that the server never had', async () => {
      const thief = await TestPeer.start({ key: new SigningKey('ed25519:peer', Buffer.alloc(32, 1)) });
      const answer = await send({ origin: peer.serverName }, thief);
      expect(answer.status).toBe(401);
      await thief.stop();
    });
  });
});
