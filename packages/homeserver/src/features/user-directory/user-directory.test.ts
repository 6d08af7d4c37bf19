import { describeServers, type Json, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { wordsOf } from './words.ts';

describeServers((start) => {
  let server: TestServer;
  let alice: TestClient;
  let bob: TestClient;
  let eve: TestClient;
  beforeAll(async () => {
    server = await start();
    alice = await server.registerUser('alice-one');
    bob = await server.registerUser('bob');
    eve = await server.registerUser('eve');
    await setName(alice, 'Alice Cooper');
  });

  const setName = (client: TestClient, displayname: string): Promise<Json> =>
    client.call('setProfileField', {
      params: { userId: client.userId!, keyName: 'displayname' },
      body: { displayname },
    });
  const find = async (client: TestClient, term: string, limit?: number): Promise<Json> =>
    client.call('searchUserDirectory', { body: { search_term: term, ...(limit === undefined ? {} : { limit }) } });
  const ids = async (client: TestClient, term: string): Promise<string[]> =>
    (await find(client, term)).results.map((user: Json) => user.user_id);

  it('shows those who are in a public room, by their name or id, and not those who are in none', async () => {
    expect(await ids(eve, 'Alice Cooper')).toEqual([]);
    const room = await alice.createRoom({ preset: 'public_chat' });
    for (const term of ['Alice Cooper', 'cooper ali', 'ALICE', '@alice-one:test', 'one', 'ＡＬＩＣＥ'])
      expect([term, await ids(eve, term)]).toEqual([term, [alice.userId]]);
    for (const term of ['', '!', 'ice', 'alice missing', '%']) expect([term, await ids(eve, term)]).toEqual([term, []]);
    expect((await find(eve, 'cooper')).results).toEqual([{ user_id: alice.userId, display_name: 'Alice Cooper' }]);
    await alice.sendState(room, 'm.room.join_rules', { join_rule: 'invite' });
    expect(await ids(eve, 'cooper')).toEqual([]);
    await alice.sendState(room, 'm.room.history_visibility', { history_visibility: 'world_readable' });
    expect(await ids(eve, 'cooper')).toEqual([alice.userId]);
    await alice.leaveRoom(room);
    expect(await ids(eve, 'cooper')).toEqual([]);
  });

  it('shows those with whom one shares a private room, by the name that they have for all', async () => {
    const room = await bob.createRoom({ preset: 'private_chat', invite: [alice.userId!] });
    expect(await ids(bob, 'cooper')).toEqual([]);
    await alice.joinRoom(room);
    await alice.sendState(room, 'm.room.member', { membership: 'join', displayname: 'Freddy' }, alice.userId);
    expect(await ids(bob, 'cooper')).toEqual([alice.userId]);
    expect(await ids(bob, 'Freddy')).toEqual([]);
    expect(await ids(eve, 'cooper')).toEqual([]);
    await alice.leaveRoom(room);
    expect(await ids(bob, 'cooper')).toEqual([]);
  });

  it('knows a new name at once', async () => {
    const carol = await server.registerUser('carol');
    await carol.createRoom({ preset: 'public_chat' });
    await setName(carol, 'Zebediah');
    expect(await ids(eve, 'zebediah')).toEqual([carol.userId]);
    await setName(carol, 'Yolanda');
    expect(await ids(eve, 'zebediah')).toEqual([]);
    expect(await ids(eve, 'yol')).toEqual([carol.userId]);
  });

  it('puts whole words first, and says when there is more', async () => {
    const names = ['sammy', 'sam', 'samantha'];
    for (const name of names) await (await server.registerUser(name)).createRoom({ preset: 'public_chat' });
    expect((await ids(eve, 'sam'))[0]).toBe('@sam:test');
    expect(await find(eve, 'sam', 3)).toMatchObject({ limited: false });
    const two = await find(eve, 'sam', 2);
    expect([two.limited, two.results.length]).toEqual([true, 2]);
    expect(await find(eve, 'sam', 0)).toEqual({ limited: true, results: [] });
    expect((await find(eve, 'sam', 1_000_000)).results).toHaveLength(3);
    await eve.call('searchUserDirectory', { body: { limit: 1 } }, { expect: 'M_MISSING_PARAM' });
    await eve.call('searchUserDirectory', { body: { search_term: 'x', limit: -1 } }, { expect: 400 });
    await eve.call('searchUserDirectory', { body: { search_term: 'x' }, token: null }, { expect: 'M_MISSING_TOKEN' });
  });

  it('bears long and odd searches', async () => {
    await find(eve, 'word '.repeat(10_000));
    await find(eve, `${'x'.repeat(5_000)}\0`);
    await find(eve, '\u{10FFFF}\u{10FFFF} \u0301');
  });

  it('leaves out who is gone or only there for diagnosis', async () => {
    const gone = await server.registerUser('leaving');
    await gone.createRoom({ preset: 'public_chat' });
    expect(await ids(eve, 'leaving')).toEqual([gone.userId]);
    const auth = {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: 'leaving' },
      password: 'correct horse leaving',
    };
    const { session } = await gone.call('deactivateAccount', { body: {} }, { expect: 401 });
    await gone.call('deactivateAccount', { body: { auth: { ...auth, session } } });
    expect(await ids(eve, 'leaving')).toEqual([]);
  });

  describe('by its options', () => {
    const settings = async (options: object, more: object = {}): Promise<[TestServer, TestClient]> => {
      const other = await start({ config: { user_directory: options, ...more } });
      await other.registerUser('hidden');
      return [other, await other.registerUser('searcher')];
    };

    it('shows everybody to everybody, but not oneself', async () => {
      const [, searcher] = await settings({ search_all_users: true });
      expect(await ids(searcher, 'hidden')).toEqual(['@hidden:test']);
      expect(await ids(searcher, 'searcher')).toEqual([]);
    });

    it('is off', async () => {
      const [, searcher] = await settings({ enabled: false, search_all_users: true });
      expect(await find(searcher, 'hidden')).toEqual({ limited: false, results: [] });
    });

    it('is limited', async () => {
      const [, searcher] = await settings({}, { rc_user_directory: { per_second: 0.01, burst_count: 2 } });
      await find(searcher, 'a');
      await find(searcher, 'a');
      await searcher.call('searchUserDirectory', { body: { search_term: 'a' } }, { expect: 'M_LIMIT_EXCEEDED' });
    });
  });
});

describe('words', () => {
  it('are normalized, and parted by what is no letter or number', () => {
    expect(wordsOf("@Alice_Two-three:EXAMPLE.org O'Hara ﬁn É")).toEqual([
      'alice',
      'two',
      'three',
      'example',
      'org',
      'o',
      'hara',
      'fin',
      'é',
    ]);
    expect(wordsOf('東京都 привет')).toContain('привет');
    expect(wordsOf('x '.repeat(3) + Array.from({ length: 99 }, (_, i) => `w${i}`).join(' '))).toHaveLength(40);
  });
});
