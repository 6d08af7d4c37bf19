import { describeServers, shiftableRuntime, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, expect, test } from 'vitest';

describeServers((start) => {
  let server: TestServer;
  let alice: TestClient;
  const runtime = shiftableRuntime();
  beforeAll(async () => {
    server = await start({ runtime });
    alice = await server.registerUser('alice', 'secret');
  });

  function request(user: TestClient, userId = user.userId!, expectation: object = {}) {
    return user.call('requestOpenIdToken', { params: { userId }, body: {} }, expectation);
  }

  async function userinfo(token: string, expect: number) {
    return (
      await server
        .client()
        .raw('GET', `/_matrix/federation/v1/openid/userinfo?access_token=${encodeURIComponent(token)}`, {}, { expect })
    ).body;
  }

  test('a token tells who somebody is, and nothing more', async () => {
    const answer = await request(alice);
    expect(answer).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      matrix_server_name: 'test',
      expires_in: 3600,
    });
    expect(await userinfo(answer.access_token, 200)).toEqual({ sub: '@alice:test' });
    await alice.call('getTokenOwner', { token: answer.access_token }, { expect: 'M_UNKNOWN_TOKEN' });
  });

  test('for an hour', async () => {
    const { access_token: token } = await request(alice);
    runtime.forward(3_600_000);
    expect(await userinfo(token, 401)).toMatchObject({ errcode: 'M_UNKNOWN_TOKEN' });
  });

  test('until the account is closed', async () => {
    const user = await server.registerUser('leaver', 'secret');
    const { access_token: token } = await request(user);
    await user.call('deactivateAccount', {
      body: { auth: { type: 'm.login.password', user: 'leaver', password: 'secret' } },
    });
    await userinfo(token, 401);
  });

  test('the oldest gives way to the newest where there are many', async () => {
    const user = await server.registerUser('collector');
    const { access_token: first } = await request(user);
    const { access_token: second } = await request(user);
    for (let i = 0; i < 49; i++) await request(user);
    await userinfo(first, 401);
    await userinfo(second, 200);
  });

  test('access tokens, made-up ones and none are refused', async () => {
    for (const token of [alice.accessToken!, 'made up', '']) await userinfo(token, 401);
    await server.client().raw('GET', '/_matrix/federation/v1/openid/userinfo', {}, { expect: 'M_MISSING_TOKEN' });
  });

  test("nobody gets another's", async () => {
    await request(alice, '@bob:test', { expect: 'M_FORBIDDEN' });
    await server
      .client()
      .call('requestOpenIdToken', { params: { userId: '@alice:test' }, body: {} }, { expect: 'M_MISSING_TOKEN' });
  });
});
