import { describeServers, type Json, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, it } from 'vitest';

describeServers((start) => {
  let server: TestServer;
  let alice: TestClient;
  let bob: TestClient;
  beforeAll(async () => {
    server = await start();
    alice = await server.registerUser('alice');
    bob = await server.registerUser('bob');
  });

  const find = async (client: TestClient, term: string, more: object = {}, query: object = {}): Promise<Json> =>
    (
      await client.call('search', {
        body: { search_categories: { room_events: { search_term: term, ...more } } },
        query: query as Record<string, string>,
      })
    ).search_categories.room_events;
  const ids = (results: Json): string[] => results.results.map((each: Json) => each.result.event_id);

  it('finds messages by their words, in all of their forms, and phrases', async () => {
    const roomId = await alice.createRoom({ preset: 'private_chat' });
    const filter = { rooms: [roomId] };
    const hello = await alice.sendText(roomId, 'Hello, wörld of searching');
    const other = await alice.sendText(roomId, 'the world says hello');
    const search = async (term: string): Promise<string[]> => ids(await find(alice, term, { filter })).toSorted();
    const both = [hello, other].toSorted();
    expect(await search('hello')).toEqual(both);
    expect(await search('HELLO searched')).toEqual([hello]);
    expect(await search('"world says"')).toEqual([other]);
    expect(await search('hello -says')).toEqual([hello]);
    expect(await search('searching or says')).toEqual(both);
    for (const term of ['', 'hell', 'missing', '"says world"', '-hello', '%', 'hello missing', `r1`])
      expect([term, await search(term)]).toEqual([term, []]);
    const found = await find(alice, 'Says', { filter });
    expect(found).toMatchObject({ count: 1, highlights: ['says'] });
    expect(found.results[0].result).toMatchObject({ room_id: roomId, content: { body: 'the world says hello' } });
    expect(found).not.toHaveProperty('next_batch');
  });

  it('finds names and topics of rooms, and each part by itself', async () => {
    const roomId = await alice.createRoom({ name: 'Quokka club', topic: 'All about quokka' });
    await alice.sendText(roomId, 'I saw a quokka');
    await alice.sendEvent(roomId, 'm.room.encrypted', { algorithm: 'x', body: 'quokka' });
    const bodies = async (keys?: string[]): Promise<string[]> =>
      (await find(alice, 'quokka', { filter: { rooms: [roomId] }, ...(keys ? { keys } : {}) })).results
        .map((each: Json) => each.result.type)
        .toSorted();
    expect(await bodies()).toEqual(['m.room.message', 'm.room.name', 'm.room.topic']);
    expect(await bodies(['content.name'])).toEqual(['m.room.name']);
    expect(await bodies(['content.body', 'content.nonsense'])).toEqual(['m.room.message']);
    expect(await bodies([])).toEqual([]);
  });

  it('looks only where the searcher is, at what they may see', async () => {
    const secret = await alice.createRoom({ preset: 'private_chat' });
    await alice.sendText(secret, 'zanzibar here');
    expect(ids(await find(bob, 'zanzibar'))).toEqual([]);
    expect(ids(await find(bob, 'zanzibar', { filter: { rooms: [secret] } }))).toEqual([]);
    await alice.sendState(secret, 'm.room.history_visibility', { history_visibility: 'joined' });
    const before = await alice.sendText(secret, 'zanzibar hidden');
    await alice.invite(secret, bob.userId!);
    expect(ids(await find(bob, 'zanzibar'))).toEqual([]);
    await bob.joinRoom(secret);
    const after = await alice.sendText(secret, 'zanzibar shown');
    const found = ids(await find(bob, 'zanzibar'));
    expect(found).toContain(after);
    expect(found).not.toContain(before);
    expect(ids(await find(bob, 'zanzibar', { filter: { not_rooms: [secret] } }))).toEqual([]);
    expect(ids(await find(bob, 'zanzibar', { filter: { rooms: [] } }))).toEqual([]);
    await bob.leaveRoom(secret);
    expect(ids(await find(bob, 'zanzibar'))).toEqual([]);
  });

  it('passes filters, and leaves out the ignored', async () => {
    const roomId = await alice.createRoom({ preset: 'public_chat' });
    await bob.joinRoom(roomId);
    const mine = await alice.sendText(roomId, 'filterable mine');
    const his = await bob.sendEvent(roomId, 'm.room.message', {
      msgtype: 'm.text',
      body: 'filterable his',
      url: 'mxc://a/b',
    });
    const search = async (filter: object): Promise<string[]> =>
      ids(await find(alice, 'filterable', { filter: { rooms: [roomId], ...filter } })).toSorted();
    expect(await search({})).toEqual([mine, his].toSorted());
    expect(await search({ senders: [bob.userId] })).toEqual([his]);
    expect(await search({ not_senders: [bob.userId] })).toEqual([mine]);
    expect(await search({ contains_url: true })).toEqual([his]);
    expect(await search({ types: ['m.room.name'] })).toEqual([]);
    expect(await search({ limit: 0 })).toEqual([]);
    await alice.sendEvent(roomId, 'org.example.any', {
      'm.relates_to': { rel_type: 'org.x', event_id: his },
    });
    expect(await search({ related_by_rel_types: ['org.x'] })).toEqual([his]);
    await alice.call('setAccountData', {
      params: { userId: alice.userId!, type: 'm.ignored_user_list' },
      body: { ignored_users: { [bob.userId!]: {} } },
    });
    expect(await search({})).toEqual([mine]);
    await alice.call('setAccountData', {
      params: { userId: alice.userId!, type: 'm.ignored_user_list' },
      body: { ignored_users: {} },
    });
  });

  it('pages from new to old, and groups', async () => {
    const rooms = [await alice.createRoom(), await alice.createRoom()];
    const sent: string[] = [];
    for (let at = 0; at < 12; at++) sent.push(await alice.sendText(rooms[at % 2]!, `pageable number ${at}`));
    const options = {
      order_by: 'recent',
      filter: { rooms, limit: 5 },
      groupings: { group_by: [{ key: 'room_id' }, { key: 'sender' }] },
    };
    const seen: string[] = [];
    let batch: string | undefined;
    let group: string | undefined;
    for (let pages = 0; pages < 4; pages++) {
      const page = await find(alice, 'pageable', options, batch === undefined ? {} : { next_batch: batch });
      expect(page.count).toBe(12);
      seen.push(...ids(page));
      if (pages === 0) {
        expect(page.groups.sender[alice.userId!].results).toEqual(ids(page));
        group = page.groups.room_id[rooms[1]!].next_batch;
      }
      batch = page.next_batch;
      if (batch === undefined) break;
    }
    expect(seen).toEqual(sent.toReversed());
    const rest = await find(alice, 'pageable', { ...options, filter: { rooms, limit: 100 } }, { next_batch: group! });
    expect(ids(rest)).toEqual(
      [7, 5, 3, 1].filter((at) => at < 7 || !seen.slice(0, 5).includes(sent[at]!)).map((at) => sent[at]),
    );
    await alice.call(
      'search',
      { body: { search_categories: { room_events: { search_term: 'x' } } }, query: { next_batch: 'nonsense' } },
      { expect: 'M_INVALID_PARAM' },
    );
  });

  it('tells what was said around, who they were, and the state of the room', async () => {
    const roomId = await alice.createRoom({ name: 'Around' });
    const sent: string[] = [];
    for (let at = 1; at <= 7; at++) sent.push(await alice.sendText(roomId, `Around number ${at}`));
    const { results, state } = await find(alice, '"number 4"', {
      filter: { rooms: [roomId] },
      event_context: { before_limit: 2, after_limit: 1, include_profile: true },
      include_state: true,
    });
    const { context } = results[0];
    expect(context.events_before.map((event: Json) => event.event_id)).toEqual([sent[2], sent[1]]);
    expect(context.events_after.map((event: Json) => event.event_id)).toEqual([sent[4]]);
    expect(context.profile_info).toEqual({ [alice.userId!]: { displayname: 'alice' } });
    expect(state[roomId].map((event: Json) => event.type)).toContain('m.room.name');
    const query = { dir: 'b', from: context.start, limit: 1 };
    const page = await alice.call('getRoomEvents', { params: { roomId }, query });
    expect(page.chunk[0].event_id).toBe(sent[0]);
  });

  it('looks into what a room was before its upgrade', async () => {
    const roomId = await alice.createRoom();
    const before = await alice.sendText(roomId, 'upgradable before');
    const { replacement_room: next } = await alice.call('upgradeRoom', {
      params: { roomId },
      body: { new_version: '11' },
    });
    const after = await alice.sendText(next, 'upgradable after');
    const found = ids(await find(alice, 'upgradable', { filter: { rooms: [next] } }));
    expect(found.toSorted()).toEqual([before, after].toSorted());
  });

  it.each(['rank', 'recent'])('forgets what was redacted (%s)', async (order) => {
    const roomId = await alice.createRoom();
    const gone = await alice.sendText(roomId, 'forgettable one');
    const stays = await alice.sendText(roomId, 'forgettable two');
    expect((await find(alice, 'forgettable', { filter: { rooms: [roomId] } })).count).toBe(2);
    await alice.call('redactEvent', { params: { roomId, eventId: gone, txnId: 'r' }, body: {} });
    const found = await find(alice, 'forgettable', { filter: { rooms: [roomId] }, order_by: order });
    expect([found.count, ids(found)]).toEqual([1, [stays]]);
  });

  describe('requests', () => {
    const refused = (criteria: object, expect: `M_${string}`): Promise<Json> =>
      alice.call('search', { body: { search_categories: { room_events: criteria } } }, { expect });

    it('that make no sense are refused', async () => {
      await refused({}, 'M_BAD_JSON');
      await refused({ search_term: 5 }, 'M_BAD_JSON');
      await refused({ search_term: 'x', order_by: 'size' }, 'M_BAD_JSON');
      await refused({ search_term: 'x', groupings: { group_by: [{ key: 'type' }] } }, 'M_INVALID_PARAM');
      await refused({ search_term: 'x', filter: { limit: -1 } }, 'M_BAD_JSON');
      expect(await alice.call('search', { body: { search_categories: {} } })).toEqual({ search_categories: {} });
      await alice.call('search', { body: {}, token: null }, { expect: 'M_MISSING_TOKEN' });
    });

    it('that are large or odd are answered', async () => {
      await find(alice, 'word '.repeat(20_000));
      for (const term of [
        '"',
        '""""',
        'a"b',
        'room:r1',
        '*',
        'NEAR(a b)',
        "'; DROP",
        '\0',
        'a AND',
        '((',
        '-',
        '--x',
        'NOT',
      ])
        expect((await find(alice, term)).results).toBeDefined();
      await find(alice, 'number', {
        event_context: { before_limit: 1e9, after_limit: 1e9 },
        filter: { limit: 1e9, rooms: Array.from({ length: 5_000 }, (_, at) => `!${at}:test`) },
      });
    });
  });

  it('goes on after a restart, and is off if that is wanted', async () => {
    const other = await start({ onDisk: true });
    const carol = await other.registerUser('carol');
    const roomId = await carol.createRoom();
    const early = await carol.sendText(roomId, 'durable early');
    expect(ids(await find(carol, 'durable'))).toEqual([early]);
    const late = await carol.sendText(roomId, 'durable late');
    await other.restart();
    const again = await other.client().login('carol');
    const found = await find(again, 'durable', { order_by: 'recent' });
    expect([found.count, ids(found)]).toEqual([2, [late, early]]);
    await other.restart({ enable_search: false });
    await (
      await other.client().login('carol')
    ).call('search', { body: { search_categories: { room_events: { search_term: 'x' } } } }, { expect: 'M_FORBIDDEN' });
  });
});
