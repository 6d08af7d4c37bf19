import { describeFederations, PeerRooms, TestPeer, type Json, type TestClient, type TestServer } from '@myelin/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const encoded = encodeURIComponent;

describeFederations((start) => {
  let server: TestServer;
  let peer: TestPeer;
  let there: PeerRooms;
  let alice: TestClient;
  let bob: TestClient;

  beforeAll(async () => {
    [server] = (await start(1)) as [TestServer];
    peer = await TestPeer.start();
    there = new PeerRooms(peer, server);
    alice = await server.registerUser('alice');
    bob = await server.registerUser('bob');
  });
  afterAll(() => peer.stop());

  const space = (name: string, options: object = {}): Promise<string> =>
    alice.createRoom({ preset: 'public_chat', name, creation_content: { type: 'm.space' }, ...options });
  const room = (name: string, options: object = {}): Promise<string> =>
    alice.createRoom({ preset: 'public_chat', name, ...options });
  const add = (parent: string, child: string, content: object = {}): Promise<string> =>
    alice.sendState(parent, 'm.space.child', { via: [server.serverName], ...content }, child);
  const hierarchy = (who: TestClient, roomId: string, query: Json = {}, expectation: Json = {}): Promise<Json> =>
    who.call('getSpaceHierarchy', { params: { roomId }, query }, expectation);
  const names = (answer: Json): string[] => answer.rooms.map((one: Json) => one.name);

  /** Root [ A, Inner [ Deep [ Deepest ], B ], hidden ] */
  async function tree(): Promise<Record<string, string>> {
    const ids = {
      root: await space('Root'),
      a: await room('A'),
      inner: await space('Inner'),
      deep: await space('Deep'),
      deepest: await room('Deepest'),
      b: await room('B'),
      hidden: await room('Hidden', { preset: 'private_chat' }),
    };
    await add(ids.root, ids.hidden, { order: 'zzz' });
    await add(ids.root, ids.inner, { order: 'b' });
    await add(ids.root, ids.a, { order: 'a', suggested: true });
    await add(ids.inner, ids.b);
    await add(ids.inner, ids.deep, { order: '1' });
    await add(ids.deep, ids.deepest);
    // A circle, a room that isn't a space, a child that was taken out, and one that nobody knows.
    await add(ids.deep, ids.root);
    await add(ids.a, ids.b);
    await alice.sendState(ids.root, 'm.space.child', {}, ids.b);
    await add(ids.root, `!nothing:${server.serverName}`, { order: 'c' });
    return ids;
  }

  describe('a hierarchy', () => {
    it('has the rooms that the user may know of, depth first, in order', async () => {
      const { root, hidden } = await tree();
      expect(names(await hierarchy(alice, root as string))).toEqual([
        'Root',
        'A',
        'Inner',
        'Deep',
        'Deepest',
        'B',
        'Hidden',
      ]);
      const forBob = await hierarchy(bob, root as string);
      expect(names(forBob)).toEqual(['Root', 'A', 'Inner', 'Deep', 'Deepest', 'B']);
      const top = forBob.rooms[0];
      expect(top).toMatchObject({ room_type: 'm.space', join_rule: 'public', num_joined_members: 1 });
      expect(top.children_state.map((one: Json) => one.state_key)).toContain(hidden);
      expect(top.children_state[0]).toMatchObject({ type: 'm.space.child', sender: alice.userId });
      expect(forBob.rooms[1].children_state).toEqual([]);
    });

    it('as deep as is asked for, and of what is suggested', async () => {
      const { root } = await tree();
      expect(names(await hierarchy(bob, root as string, { max_depth: 1 }))).toEqual(['Root', 'A', 'Inner']);
      expect(names(await hierarchy(bob, root as string, { max_depth: 0 }))).toEqual(['Root']);
      expect(names(await hierarchy(bob, root as string, { suggested_only: true }))).toEqual(['Root', 'A']);
    });

    it('in pages', async () => {
      const { root } = await tree();
      const found: string[] = [];
      let from: string | undefined;
      do {
        const page: Json = await hierarchy(bob, root as string, { limit: 2, ...(from ? { from } : {}) });
        expect(page.rooms.length).toBeLessThanOrEqual(2);
        found.push(...names(page));
        from = page.next_batch;
      } while (from);
      expect(found).toEqual(['Root', 'A', 'Inner', 'Deep', 'Deepest', 'B']);
      const first = await hierarchy(bob, root as string, { limit: 2 });
      const more = { from: first.next_batch };
      await hierarchy(bob, root as string, { ...more, max_depth: 1 }, { expect: 'M_INVALID_PARAM' });
      await hierarchy(bob, root as string, { ...more, suggested_only: true }, { expect: 'M_INVALID_PARAM' });
      await hierarchy(bob, root as string, { from: 'nonsense' }, { expect: 'M_INVALID_PARAM' });
    });

    it('is refused of rooms that the user may not know of', async () => {
      const { hidden } = await tree();
      await hierarchy(bob, hidden as string, {}, { expect: 'M_FORBIDDEN' });
      await hierarchy(bob, `!nothing:${server.serverName}`, {}, { expect: 'M_FORBIDDEN' });
      await hierarchy(bob, 'nonsense', {}, { expect: 'M_FORBIDDEN' });
    });

    it('has the restricted rooms of those who can join them', async () => {
      const root = await space('Root');
      const content = { join_rule: 'restricted', allow: [{ type: 'm.room_membership', room_id: root }] };
      const inside = await alice.createRoom({
        preset: 'private_chat',
        name: 'Inside',
        room_version: '10',
        initial_state: [{ type: 'm.room.join_rules', state_key: '', content }],
      });
      await add(root, inside);
      expect(names(await hierarchy(bob, root))).toEqual(['Root']);
      await bob.joinRoom(root);
      const answer = await hierarchy(bob, root);
      expect(names(answer)).toEqual(['Root', 'Inside']);
      expect(answer.rooms[1]).toMatchObject({ allowed_room_ids: [root], room_version: '10' });
    });
  });

  describe('rooms of another server', () => {
    const theirs = (name: string): string => `!${name}:${peer.serverName}`;
    const facts = (name: string, more: Json = {}): Json => ({
      room_id: theirs(name),
      name,
      num_joined_members: 3,
      guest_can_join: false,
      world_readable: false,
      join_rule: 'public',
      ...more,
    });

    it('are as it tells, and as the user may know of them', async () => {
      const root = await space('Root');
      await alice.sendState(root, 'm.space.child', { via: [peer.serverName] }, theirs('theirs'));
      const child = (name: string): Json => ({
        type: 'm.space.child',
        state_key: theirs(name),
        sender: there.userId('bob'),
        content: { via: [peer.serverName] },
        origin_server_ts: 5,
      });
      peer.handler = ({ url }) =>
        url.startsWith(`/_matrix/federation/v1/hierarchy/${encoded(theirs('theirs'))}`)
          ? {
              body: {
                room: facts('theirs', {
                  room_type: 'm.space',
                  children_state: [child('one'), child('two'), child('three'), child('four'), 'odd', { type: 5 }],
                }),
                children: [facts('one'), facts('two', { join_rule: 'invite' }), { room_id: 5 }],
                inaccessible_children: [theirs('three')],
              },
            }
          : { status: 404, body: { errcode: 'M_NOT_FOUND', error: 'no' } };
      const answer = await hierarchy(bob, root);
      expect(names(answer)).toEqual(['Root', 'theirs', 'one']);
      expect(answer.rooms[1].children_state).toHaveLength(4);
      const asked = peer.received.map(({ url }) => url).filter((url) => url.includes('hierarchy'));
      expect(asked.some((url) => url.includes(encoded(theirs('three'))))).toBe(false);
    });

    it('that cannot be asked for are left out', async () => {
      const root = await space('Root');
      for (const name of ['gone', 'other', 'odd'])
        await alice.sendState(root, 'm.space.child', { via: [peer.serverName, 'no server'] }, theirs(name));
      peer.handler = ({ url }) => {
        if (url.includes(encoded(theirs('other')))) return { body: { room: facts('another') } };
        if (url.includes(encoded(theirs('odd')))) return { body: { room: { room_id: theirs('odd') } } };
        return { status: 500, body: {} };
      };
      expect(names(await hierarchy(bob, root))).toEqual(['Root']);
    });
  });

  describe('another server', () => {
    const ask = (roomId: string, query = '', expectation: Json = {}): Promise<Json> =>
      there.get(`/v1/hierarchy/${encoded(roomId)}${query}`, expectation);

    it('is told of a space and the rooms in it, and of which it may not know', async () => {
      const { root, hidden, inner, a } = await tree();
      const answer = await ask(root as string);
      expect(answer.room).toMatchObject({ room_id: root, room_type: 'm.space' });
      expect(answer.room.children_state).toHaveLength(4);
      expect(answer.children.map((one: Json) => one.room_id)).toEqual([a, inner]);
      expect(answer.inaccessible_children).toEqual([hidden]);
      const suggested = await ask(root as string, '?suggested_only=true');
      expect(suggested.children.map((one: Json) => one.room_id)).toEqual([a]);
    });

    it('is not told of rooms that it may not know of', async () => {
      const { hidden } = await tree();
      await ask(hidden as string, '', { expect: 'M_NOT_FOUND' });
      await ask(`!nothing:${server.serverName}`, '', { expect: 'M_NOT_FOUND' });
      await alice.sendState(hidden as string, 'm.room.history_visibility', { history_visibility: 'world_readable' });
      expect((await ask(hidden as string)).room.room_id).toBe(hidden);
    });

    it('is told of restricted rooms if it is in a room that lets in', async () => {
      const root = await space('Root', { room_version: '10' });
      const content = { join_rule: 'restricted', allow: [{ type: 'm.room_membership', room_id: root }] };
      const inside = await alice.createRoom({
        preset: 'private_chat',
        room_version: '10',
        initial_state: [{ type: 'm.room.join_rules', state_key: '', content }],
      });
      await ask(inside, '', { expect: 'M_NOT_FOUND' });
      await there.join(root, there.userId('carol'));
      expect((await ask(inside)).room.allowed_room_ids).toEqual([root]);
    });
  });

  describe('the summary of a room', () => {
    it('is for those who may know of it', async () => {
      const roomId = await room('Known', { room_alias_name: 'known', topic: 'About' });
      const ask = (who: TestClient, roomIdOrAlias: string, expectation: Json = {}): Promise<Json> =>
        who.call('getRoomSummary', { params: { roomIdOrAlias } }, expectation);
      const expected = { room_id: roomId, name: 'Known', topic: 'About', num_joined_members: 1, join_rule: 'public' };
      expect(await ask(bob, roomId)).toMatchObject({ ...expected, membership: 'leave' });
      expect(await ask(alice, `#known:${server.serverName}`)).toMatchObject({ ...expected, membership: 'join' });
      const anonymous = await ask(server.client(), roomId);
      expect(anonymous).toMatchObject(expected);
      expect(anonymous.membership).toBeUndefined();
      const hidden = await room('Hidden', { preset: 'private_chat' });
      await ask(bob, hidden, { expect: 'M_NOT_FOUND' });
      await ask(server.client(), hidden, { expect: 'M_NOT_FOUND' });
      await ask(bob, `!nothing:${server.serverName}`, { expect: 'M_NOT_FOUND' });
    });

    it('is asked of the servers that are named', async () => {
      const roomId = `!summary:${peer.serverName}`;
      peer.handler = () => ({
        body: {
          room: {
            room_id: roomId,
            name: 'Far',
            num_joined_members: 2,
            guest_can_join: true,
            world_readable: true,
            children_state: [],
          },
        },
      });
      const query = { via: [peer.serverName] };
      const params = { roomIdOrAlias: roomId };
      expect(await bob.call('getRoomSummary', { params, query })).toMatchObject({ name: 'Far', membership: 'leave' });
      await server.client().call('getRoomSummary', { params, query }, { expect: 'M_NOT_FOUND' });
    });
  });
});
