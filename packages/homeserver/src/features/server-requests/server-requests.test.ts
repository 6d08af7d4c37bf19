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

  it('that is one of too many is refused, and told when to come again', async () => {
    const limits = { window_size: 1_000, sleep_limit: 1, sleep_delay: 100, reject_limit: 0, concurrent: 1 };
    const [busy] = (await start(1, { config: { rc_federation: limits } })) as [TestServer];
    const path = `/_matrix/federation/v1/query/directory?room_alias=%23nothing%3A${busy.serverName}`;
    const answers = await Promise.all(Array.from({ length: 6 }, () => peer.send(busy.serverName, 'GET', path)));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(6);
    expect(refused[0]?.body).toMatchObject({ errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 1_000 });
    expect(refused[0]?.headers['retry-after']).toBe('1');
  });

  it('comes from a server of ours too: one asks another', async () => {
    const [one, other] = (await start(2)) as [TestServer, TestServer];
    const bob = await other.registerUser('bob');
    await bob.call('createRoom', { body: { room_alias_name: 'here' } });
    const roomAlias = `#here:${other.serverName}`;
    const answer = await one.client().call('getRoomIdByAlias', { params: { roomAlias } });
    expect(answer).toMatchObject({ servers: [other.serverName] });
  });

  it('is neither sent to nor taken from servers that are not on federation_domain_whitelist', async () => {
    const [strict] = (await start(1, { config: { federation_domain_whitelist: ['good.test'] } })) as [TestServer];
    const path = '/_matrix/federation/v1/query/directory?room_alias=%23nothing%3A' + strict.serverName;
    expect(await peer.send(strict.serverName, 'GET', path)).toMatchObject({
      status: 403,
      body: { errcode: 'M_FORBIDDEN' },
    });
    const roomAlias = `#there:${peer.serverName}`;
    await strict.client().call('getRoomIdByAlias', { params: { roomAlias } }, { expect: 'any' });
    expect(peer.received).toEqual([]);
  });

  it('makes a server one that answers again, for whoever had given it up', async () => {
    const federation = { max_short_retries: 0, destination_min_retry_interval: '10m' };
    const [patient] = (await start(1, { config: { federation } })) as [TestServer];
    const shy = await TestPeer.start();
    const alice = await patient.registerUser('alice');
    const device_keys = { [`@bob:${shy.serverName}`]: [] };
    const failures = async () => (await alice.call('queryKeys', { body: { device_keys } })).failures ?? {};
    shy.handler = () => ({ status: 503, body: {} });
    expect(await failures()).toHaveProperty([shy.serverName]);
    shy.handler = () => ({ body: { device_keys: {} } });
    expect(await failures()).toHaveProperty([shy.serverName]);
    expect(shy.received).toHaveLength(1);
    const path = '/_matrix/federation/v1/query/directory?room_alias=%23nothing%3A' + patient.serverName;
    expect((await shy.send(patient.serverName, 'GET', path)).status).toBe(404);
    expect(await failures()).toEqual({});
    expect(shy.received).toHaveLength(2);
    await shy.stop();
  });
});
