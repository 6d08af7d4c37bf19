import { describeFederations, TestPeer, type TestServer } from '@myelin/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';

describeFederations((start) => {
  let server: TestServer;
  let other: TestServer;
  let peer: TestPeer;
  beforeAll(async () => {
    [server, other] = (await start(2)) as [TestServer, TestServer];
    peer = await TestPeer.start();
  });
  afterAll(() => peer.stop());

  it('vouches for the keys of another server', async () => {
    const params = { serverName: other.serverName };
    const { server_keys: keys } = await server.client().call('perspectivesKeyQuery@server-server', { params });
    expect(keys).toHaveLength(1);
    expect(keys[0].server_name).toBe(other.serverName);
    expect(Object.keys(keys[0].signatures).toSorted()).toEqual([server.serverName, other.serverName].toSorted());
  });

  it('answers for several servers at once, and passes over those that are not there', async () => {
    const criteria = { [peer.key.keyId]: { minimum_valid_until_ts: 1 } };
    const body = { server_keys: { [peer.serverName]: criteria, [server.serverName]: {}, 'localhost:1': {} } };
    const answer = await server.client().call('bulkPerspectivesKeyQuery@server-server', { body });
    const names = answer.server_keys.map((keys: { server_name: string }) => keys.server_name);
    expect(names.toSorted()).toEqual([peer.serverName, server.serverName].toSorted());
    await server.client().call('bulkPerspectivesKeyQuery@server-server', { body });
    expect(peer.keyRequests).toBe(1);
  });

  it('refuses a question about too many servers, and one that is no question', async () => {
    const many = Object.fromEntries(Array.from({ length: 251 }, (_none, i) => [`s${i}.test`, {}]));
    const call = (body: unknown, expect: number) =>
      server.client().call('bulkPerspectivesKeyQuery@server-server', { body }, { expect });
    await call({ server_keys: many }, 413);
    await call({ server_keys: { a: { b: { minimum_valid_until_ts: 'soon' } } } }, 400);
    await call({}, 400);
  });

  it.each([
    ['PUT', '/_matrix/key/v2/query'],
    ['DELETE', '/_matrix/key/v2/query'],
    ['POST', '/_matrix/key/v2/server'],
    ['PUT', '/_matrix/key/v2/query/a.test'],
  ])('has no %s %s: 405', async (method, path) => {
    const answer = await server.client().raw(method, path, { body: {} });
    expect(answer.status).toBe(405);
    expect(answer.body).toMatchObject({ errcode: 'M_UNRECOGNIZED' });
  });

  it('counts whom it asked', async () => {
    const { text } = await server.client().raw('GET', '/_synapse/metrics');
    const figure = (name: string): number => Number(new RegExp(`^${name}\\{[^}]*\\} ([0-9]+)$`, 'm').exec(text)?.[1]);
    expect(figure('synapse_http_matrixfederationclient_requests_total')).toBeGreaterThanOrEqual(2);
    expect(text).toMatch(/^synapse_http_matrixfederationclient_responses_total\{method="GET",code="200",.*\} [1-9]/m);
  });

  it('is used by another server that trusts it', async () => {
    const [trusting] = (await start(1, { config: { trusted_key_servers: [{ server_name: server.serverName }] } })) as [
      TestServer,
    ];
    // The peer's keys are known to the notary only: it shows them to nobody else any more.
    await server.client().call('perspectivesKeyQuery@server-server', { params: { serverName: peer.serverName } });
    peer.keyAnswer = () => undefined;
    const path = `/_matrix/federation/v1/query/directory?room_alias=%23nothing%3A${trusting.serverName}`;
    const answer = await peer.send(trusting.serverName, 'GET', path);
    peer.keyAnswer = (keys) => keys;
    expect(answer.body).toMatchObject({ errcode: 'M_NOT_FOUND' });
  });
});
