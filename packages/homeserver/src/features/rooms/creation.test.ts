import { describeServers, type Json, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, it } from 'vitest';

describeServers((start) => {
  let server: TestServer;
  let alice: TestClient;
  let bob: TestClient;
  let carol: TestClient;
  beforeAll(async () => {
    server = await start({ config: { allow_guest_access: true } });
    alice = await server.registerUser('alice');
    bob = await server.registerUser('bob');
    carol = await server.registerUser('carol');
  });

  const create = (client: TestClient, body: object, expectation = {}): Promise<Json> =>
    client.call('createRoom', { body }, expectation);
  const stateOf = (roomId: string, eventType: string, stateKey = '', expectation = {}): Promise<Json> =>
    alice.call('getRoomStateWithKey', { params: { roomId, eventType, stateKey } }, expectation);

  describe('a new room', () => {
    it('has a name, a topic and those who were invited', async () => {
      const { room_id: roomId } = await create(alice, {
        name: 'Name',
        topic: 'Topic',
        invite: [bob.userId, bob.userId],
        is_direct: true,
        creation_content: { type: 'm.space', 'm.federate': false, room_version: '1', creator: '@else:test', more: 1 },
        room_version: '10',
      });
      expect(await stateOf(roomId, 'm.room.name')).toEqual({ name: 'Name' });
      expect((await stateOf(roomId, 'm.room.topic')).topic).toBe('Topic');
      expect(await stateOf(roomId, 'm.room.create')).toEqual({
        type: 'm.space',
        'm.federate': false,
        room_version: '10',
        creator: alice.userId,
        more: 1,
      });
      expect(await stateOf(roomId, 'm.room.member', bob.userId)).toMatchObject({
        membership: 'invite',
        is_direct: true,
      });
      await bob.joinRoom(roomId);
    });

    it('has levels as its preset, the configuration and the request say', async () => {
      const { room_id: open } = await create(alice, { preset: 'public_chat', room_version: '11' });
      const levels = await stateOf(open, 'm.room.power_levels');
      expect(levels).toMatchObject({ invite: 50, users: { [alice.userId!]: 100 }, events: { 'm.call.invite': 50 } });
      const { room_id: closed } = await create(alice, {
        room_version: '11',
        power_level_content_override: { invite: 75, users: { [alice.userId!]: 100, [bob.userId!]: 50 } },
      });
      expect(await stateOf(closed, 'm.room.power_levels')).toMatchObject({
        invite: 75,
        users: { [alice.userId!]: 100, [bob.userId!]: 50 },
      });
      const own = await start({
        config: {
          default_power_level_content_override: { private_chat: { invite: 33, events: { 'm.room.name': 7 } } },
        },
      });
      const user = await own.registerUser('user');
      const configured = await user.createRoom({ power_level_content_override: { kick: 44 } });
      const params = { roomId: configured, eventType: 'm.room.power_levels', stateKey: '' };
      expect(await user.call('getRoomStateWithKey', { params })).toMatchObject({
        invite: 33,
        kick: 44,
        events: { 'm.room.name': 7 },
      });
    });

    it('takes levels of the initial state before all others', async () => {
      const levels = { users: { [alice.userId!]: 100 }, ban: 99, invite: 0 };
      const { room_id: roomId } = await create(alice, {
        room_version: '11',
        initial_state: [{ type: 'm.room.power_levels', content: levels }],
        power_level_content_override: { ban: 1 },
      });
      expect(await stateOf(roomId, 'm.room.power_levels')).toEqual(levels);
    });

    it('can be made many times in a moment, and each is another', async () => {
      for (const version of ['11', '12']) {
        const rooms = await Promise.all(Array.from({ length: 12 }, () => create(alice, { room_version: version })));
        expect(new Set(rooms.map((room) => room.room_id)).size).toBe(12);
      }
    });

    it('is encrypted where the server says so, however little the client thinks of it', async () => {
      const own = await start({ config: { encryption_enabled_by_default_for_room_type: 'invite' } });
      const user = await own.registerUser('user');
      const encryptionOf = (roomId: string, expectation = {}): Promise<Json> =>
        user.call(
          'getRoomStateWithKey',
          { params: { roomId, eventType: 'm.room.encryption', stateKey: '' } },
          expectation,
        );
      const algorithm = 'm.megolm.v1.aes-sha2';
      expect(await encryptionOf(await user.createRoom())).toEqual({ algorithm });
      const malformed = await user.createRoom({ initial_state: [{ type: 'm.room.encryption', content: {} }] });
      expect(await encryptionOf(malformed)).toEqual({ algorithm });
      const chosen = await user.createRoom({
        initial_state: [{ type: 'm.room.encryption', content: { algorithm: 'own' } }],
      });
      expect(await encryptionOf(chosen)).toEqual({ algorithm: 'own' });
      await encryptionOf(await user.createRoom({ preset: 'public_chat' }), { expect: 'M_NOT_FOUND' });
    });

    it('has creators where the version has them', async () => {
      const { room_id: roomId } = await create(alice, {
        room_version: '12',
        preset: 'trusted_private_chat',
        invite: [bob.userId],
        creation_content: { additional_creators: [carol.userId] },
      });
      const { additional_creators: creators } = await stateOf(roomId, 'm.room.create');
      expect(creators.toSorted()).toEqual([bob.userId, carol.userId]);
      expect((await stateOf(roomId, 'm.room.power_levels')).events['m.room.tombstone']).toBe(150);
      for (const additional of [5, [5], ['carol'], { a: 1 }]) {
        const body = { room_version: '12', creation_content: { additional_creators: additional } };
        await create(alice, body, { expect: 'M_BAD_JSON' });
      }
    });
  });

  describe('is not made', () => {
    it.each<[object, string]>([
      [{ initial_state: [{ type: 'm.room.create', content: {} }] }, 'M_BAD_JSON'],
      [{ initial_state: [{ type: 'm.room.name', content: { name: 5 } }] }, 'M_BAD_JSON'],
      [{ initial_state: [{ type: 'm.room.name', content: 'x' }] }, 'M_BAD_JSON'],
      [{ initial_state: [{ content: {} }] }, 'M_BAD_JSON'],
      [{ initial_state: Array.from({ length: 1001 }, () => ({ type: 'x', content: {} })) }, 'M_TOO_LARGE'],
      [{ initial_state: [{ type: 'm.room.canonical_alias', content: { alias: '#elsewhere:test' } }] }, 'M_BAD_ALIAS'],
      [
        { initial_state: [{ type: 'm.room.member', state_key: '@x:test', content: { membership: 'invite' } }] },
        'M_BAD_STATE',
      ],
      [{ initial_state: [{ type: 'm.room.encryption', content: { a: 'x'.repeat(70_000) } }] }, 'M_TOO_LARGE'],
      [{ name: 5 }, 'M_BAD_JSON'],
      [{ name: 'x'.repeat(70_000) }, 'M_TOO_LARGE'],
      [{ preset: 'some_chat' }, 'M_BAD_JSON'],
      [{ visibility: 'some' }, 'M_BAD_JSON'],
      [{ room_version: 5 }, 'M_BAD_JSON'],
      [{ room_alias_name: 'with space' }, 'M_INVALID_PARAM'],
      [{ room_alias_name: 'with:colon' }, 'M_INVALID_PARAM'],
      [{ room_alias_name: '' }, 'M_INVALID_PARAM'],
      [{ room_alias_name: 'x'.repeat(256) }, 'M_INVALID_PARAM'],
      [{ invite: ['@a:test', 'nobody'] }, 'M_INVALID_PARAM'],
      [{ invite: Array.from({ length: 101 }, (_, i) => `@user${i}:test`) }, 'M_INVALID_PARAM'],
      [{ room_version: '11', power_level_content_override: { users: { '@bob:test': 100 } } }, 'M_BAD_JSON'],
      [{ power_level_content_override: { events: { 'm.room.name': '50' } } }, 'M_BAD_JSON'],
      [{ room_version: '12', power_level_content_override: { users: { '@alice:test': 100 } } }, 'M_BAD_JSON'],
    ])('of %j', async (body, code) => {
      const before = (await alice.call('getJoinedRooms')).joined_rooms.length;
      await create(alice, body, { expect: code });
      expect((await alice.call('getJoinedRooms')).joined_rooms.length).toBe(before);
    });

    it('by guests or too often', async () => {
      const guest = await server.client().registerGuest();
      await create(guest, {}, { expect: 'M_GUEST_ACCESS_FORBIDDEN' });
      const own = await start({ config: { rc_room_creation: { per_second: 0.001, burst_count: 2 } } });
      const user = await own.registerUser('user');
      const [roomId] = [await user.createRoom(), await user.createRoom()];
      await create(user, {}, { expect: 'M_LIMIT_EXCEEDED' });
      await user.call(
        'upgradeRoom',
        { params: { roomId }, body: { new_version: '11' } },
        { expect: 'M_LIMIT_EXCEEDED' },
      );
    });
  });
});
