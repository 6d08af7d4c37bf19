import { describeServers, type Json, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, it } from 'vitest';

describeServers((start) => {
  const allow = { room_list_publication_rules: [{ action: 'allow' }] };
  let server: TestServer;
  let alice: TestClient;
  let bob: TestClient;
  const rooms: Record<string, string> = {};
  beforeAll(async () => {
    server = await start({ config: { ...allow, allow_guest_access: true } });
    alice = await server.registerUser('alice');
    bob = await server.registerUser('bob');
    const publish = async (name: string, options: object): Promise<void> => {
      rooms[name] = await alice.createRoom({ visibility: 'public', name, ...options });
    };
    const rule = (joinRule: string): object => ({ type: 'm.room.join_rules', content: { join_rule: joinRule } });
    const readable = { type: 'm.room.history_visibility', content: { history_visibility: 'world_readable' } };
    await publish('open', { preset: 'public_chat', room_alias_name: 'open' });
    await publish('space', { preset: 'public_chat', creation_content: { type: 'm.space' } });
    await publish('knocking', { preset: 'private_chat', initial_state: [rule('knock')] });
    await publish('readable', { preset: 'private_chat', initial_state: [readable] });
    // Nobody gets in, nobody may look: of no use in a list.
    await publish('closed', { preset: 'private_chat' });
    await publish('deserted', { preset: 'public_chat' });
    await alice.leaveRoom(rooms['deserted']!);
  });

  const names = async (body: object, client = bob): Promise<string[]> =>
    (await client.call('queryPublicRooms', { body })).chunk.map((room: Json) => room.name).toSorted();

  it('has the rooms that one can do something with', async () => {
    expect(await names({})).toEqual(['knocking', 'open', 'readable', 'space']);
    const { chunk } = await bob.call('getPublicRooms');
    const byName = Object.fromEntries(chunk.map((room: Json) => [room.name, room]));
    expect(byName.open).toMatchObject({ canonical_alias: '#open:test', join_rule: 'public', world_readable: false });
    expect(byName.readable).toMatchObject({ join_rule: 'invite', world_readable: true, guest_can_join: true });
    expect(byName.space).toMatchObject({ room_type: 'm.space' });
    expect(byName.open).not.toHaveProperty('room_type');
    expect(await names({}, await server.client().registerGuest())).toContain('open');
  });

  it('is filtered by the type of rooms and by words', async () => {
    const types = (roomTypes: unknown): object => ({ filter: { room_types: roomTypes } });
    expect(await names(types(['m.space']))).toEqual(['space']);
    expect(await names(types([null]))).toEqual(['knocking', 'open', 'readable']);
    expect(await names(types([null, 'm.space']))).toEqual(['knocking', 'open', 'readable', 'space']);
    expect(await names(types([]))).toEqual([]);
    expect(await names(types(null))).toHaveLength(4);
    expect(await names({ filter: { generic_search_term: '#OPEN:' } })).toEqual(['open']);
    expect(await names({ filter: { generic_search_term: null } })).toHaveLength(4);
  });

  it('has pages of every size', async () => {
    expect((await bob.call('getPublicRooms', { query: { limit: 0 } })).chunk).toHaveLength(4);
    expect((await bob.call('getPublicRooms', { query: { limit: 1_000_000 } })).chunk).toHaveLength(4);
    const first = await bob.call('getPublicRooms', { query: { limit: 3 } });
    expect(first.chunk).toHaveLength(3);
    expect((await bob.call('getPublicRooms', { query: { limit: 3, since: first.next_batch } })).chunk).toHaveLength(1);
    expect((await bob.call('getPublicRooms', { query: { since: 'p999' } })).chunk).toEqual([]);
    await bob.call('getPublicRooms', { query: { since: 'nonsense' } }, { expect: 'M_INVALID_PARAM' });
    await bob.call('getPublicRooms', { query: { limit: -1 } }, { expect: 'M_INVALID_PARAM' });
    await bob.call('queryPublicRooms', { body: { since: 'nonsense' } }, { expect: 'M_INVALID_PARAM' });
    await bob.call('queryPublicRooms', { body: { limit: 'x' } }, { expect: 'M_BAD_JSON' });
    await bob.call('queryPublicRooms', { body: { filter: { room_types: 'm.space' } } }, { expect: 'M_BAD_JSON' });
  });

  it("is ours: other servers and bridges aren't asked", async () => {
    expect((await bob.call('getPublicRooms', { query: { server: 'test' } })).chunk).toHaveLength(4);
    await bob.call('getPublicRooms', { query: { server: 'elsewhere.example' } }, { expect: 502 });
    await bob.call('queryPublicRooms', { query: { server: 'elsewhere.example' }, body: {} }, { expect: 502 });
    expect(await names({ third_party_instance_id: 'irc' })).toEqual([]);
  });

  describe('is written by', () => {
    const set = (client: TestClient, roomId: string, visibility: string, expectation = {}): Promise<Json> =>
      client.call('setRoomVisibilityOnDirectory', { params: { roomId }, body: { visibility } }, expectation);

    it('moderators and administrators', async () => {
      const roomId = await alice.createRoom({ preset: 'public_chat', name: 'written' });
      await set(bob, roomId, 'public', { expect: 'M_FORBIDDEN' });
      await bob.joinRoom(roomId);
      await set(bob, roomId, 'public', { expect: 'M_FORBIDDEN' });
      await set(bob, '!nowhere:test', 'public', { expect: 'M_FORBIDDEN' });
      const admin = await server.registerAdmin('admin');
      await set(admin, '!nowhere:test', 'public', { expect: 'M_NOT_FOUND' });
      await set(admin, roomId, 'public');
      expect((await bob.call('getRoomVisibilityOnDirectory', { params: { roomId } })).visibility).toBe('public');
      await set(alice, roomId, 'private');
      expect((await bob.call('getRoomVisibilityOnDirectory', { params: { roomId } })).visibility).toBe('private');
      await set(alice, roomId, 'elsewhere', { expect: 'M_BAD_JSON' });
      await alice.call('setRoomVisibilityOnDirectory', { params: { roomId }, body: {} });
      await set(alice, roomId, 'private');
    });

    it('those whom the rules let, or nobody where there is no list', async () => {
      const rules = [{ user_id: '@trusted:*', action: 'allow' }];
      const own = await start({
        config: { room_list_publication_rules: rules, allow_public_rooms_without_auth: true },
      });
      const [trusted, user] = [await own.registerUser('trusted'), await own.registerUser('user')];
      const [yes, no] = [
        await trusted.createRoom({ preset: 'public_chat', visibility: 'public' }),
        await user.createRoom({ preset: 'public_chat', visibility: 'public' }),
      ];
      await set(user, no, 'public', { expect: 'M_FORBIDDEN' });
      const { chunk } = await own.client().call('getPublicRooms');
      expect(chunk.map((room: Json) => room.room_id)).toEqual([yes]);
      const off = await start({ config: { ...allow, enable_room_list_search: false } });
      const member = await off.registerUser('member');
      const roomId = await member.createRoom({ preset: 'public_chat', visibility: 'public' });
      await set(member, roomId, 'public', { expect: 'M_FORBIDDEN' });
      expect(await member.call('getPublicRooms')).toEqual({ chunk: [], total_room_count_estimate: 0 });
    });
  });
});
