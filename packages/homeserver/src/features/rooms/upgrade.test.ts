import { describeServers, type Json, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, it } from 'vitest';

describeServers((start) => {
  let server: TestServer;
  let alice: TestClient;
  let bob: TestClient;
  let carol: TestClient;
  beforeAll(async () => {
    server = await start({ config: { room_list_publication_rules: [{ action: 'allow' }] } });
    alice = await server.registerUser('alice');
    bob = await server.registerUser('bob');
    carol = await server.registerUser('carol');
  });

  const upgrade = async (client: TestClient, roomId: string, body: object, expectation = {}): Promise<string> =>
    (await client.call('upgradeRoom', { params: { roomId }, body }, expectation)).replacement_room;
  const stateOf = (roomId: string, eventType: string, stateKey = '', client = alice, expectation = {}): Promise<Json> =>
    client.call('getRoomStateWithKey', { params: { roomId, eventType, stateKey } }, expectation);
  const stateEvent = (roomId: string, eventType: string): Promise<Json> =>
    alice.call('getRoomStateWithKey', { params: { roomId, eventType, stateKey: '' }, query: { format: 'event' } });

  it.each([
    ['10', '11'],
    ['11', '12'],
    ['12', '12'],
    ['12', '11'],
    ['1', '12'],
  ])('from version %s to %s leads from one room to the other', async (from, to) => {
    const roomId = await alice.createRoom({ room_version: from, preset: 'public_chat', name: 'A room' });
    await bob.joinRoom(roomId);
    const replacement = await upgrade(alice, roomId, { new_version: to });
    expect(await stateOf(roomId, 'm.room.tombstone')).toMatchObject({ replacement_room: replacement });
    const { event_id: tombstone } = await stateEvent(roomId, 'm.room.tombstone');
    const create = await stateOf(replacement, 'm.room.create');
    expect(create.room_version).toBe(to);
    expect(create.predecessor).toEqual(to === '12' ? { room_id: roomId } : { room_id: roomId, event_id: tombstone });
    expect(await stateOf(replacement, 'm.room.name')).toEqual({ name: 'A room' });
    // The old room has gone quiet, the new one is open.
    const refused = {
      params: { roomId, eventType: 'm.room.message', txnId: 'x' },
      body: { msgtype: 'm.text', body: 'x' },
    };
    await bob.call('sendMessage', refused, { expect: 'M_FORBIDDEN' });
    await bob.joinRoom(replacement);
    await bob.sendText(replacement, 'hello');
    await alice.sendState(replacement, 'm.room.topic', { topic: 'I am still in charge' });
  });

  it('brings along what makes the room', async () => {
    const roomId = await alice.createRoom({
      room_version: '10',
      preset: 'public_chat',
      topic: 'Topic',
      creation_content: { 'm.federate': false, 'org.example.more': 1 },
      initial_state: [
        { type: 'm.room.encryption', content: { algorithm: 'm.megolm.v1.aes-sha2' } },
        { type: 'm.room.avatar', content: { url: 'mxc://test/x' } },
        { type: 'm.room.server_acl', content: { allow: ['*'], deny: ['evil.example'] } },
        { type: 'm.room.guest_access', content: { guest_access: 'forbidden' } },
        { type: 'm.room.history_visibility', content: { history_visibility: 'joined' } },
        { type: 'org.example.own', content: { value: 1 } },
        { type: 'm.room.pinned_events', content: { pinned: ['$x'] } },
      ],
    });
    await alice.call('ban', { params: { roomId }, body: { user_id: carol.userId, reason: 'why' } });
    const types = ['m.room.encryption', 'm.room.avatar', 'm.room.server_acl', 'm.room.guest_access', 'm.room.topic'];
    const before = await Promise.all(
      [...types, 'm.room.history_visibility', 'm.room.join_rules'].map((type) => stateOf(roomId, type)),
    );
    const replacement = await upgrade(alice, roomId, { new_version: '11' });
    const after = await Promise.all(
      [...types, 'm.room.history_visibility', 'm.room.join_rules'].map((type) => stateOf(replacement, type)),
    );
    expect(after).toEqual(before);
    expect(await stateOf(replacement, 'm.room.create')).toMatchObject({ 'm.federate': false });
    expect(await stateOf(replacement, 'm.room.create')).not.toHaveProperty('org.example.more');
    expect(await stateOf(replacement, 'm.room.member', carol.userId)).toMatchObject({
      membership: 'ban',
      reason: 'why',
    });
    await stateOf(replacement, 'org.example.own', '', alice, { expect: 'M_NOT_FOUND' });
    await stateOf(replacement, 'm.room.pinned_events', '', alice, { expect: 'M_NOT_FOUND' });
  });

  it('does not bring back what was redacted', async () => {
    const roomId = await alice.createRoom({ room_version: '10' });
    const eventId = await alice.sendState(roomId, 'm.room.topic', { topic: 'a secret' });
    await alice.call('redactEvent', { params: { roomId, eventId, txnId: 'r' }, body: {} });
    const replacement = await upgrade(alice, roomId, { new_version: '11' });
    expect(JSON.stringify(await alice.call('getRoomState', { params: { roomId: replacement } }))).not.toContain(
      'a secret',
    );
  });

  it('takes names and the place in the list along', async () => {
    const roomId = await alice.createRoom({
      room_version: '10',
      preset: 'public_chat',
      visibility: 'public',
      room_alias_name: 'moving',
    });
    const alias = (name: string): string => `#${name}:${server.serverName}`;
    await alice.call('setRoomAlias', { params: { roomAlias: alias('other') }, body: { room_id: roomId } });
    await alice.sendState(roomId, 'm.room.canonical_alias', { alias: alias('moving'), alt_aliases: [alias('other')] });
    const replacement = await upgrade(alice, roomId, { new_version: '11' });
    for (const name of ['moving', 'other']) {
      expect((await bob.call('getRoomIdByAlias', { params: { roomAlias: alias(name) } })).room_id).toBe(replacement);
    }
    expect(await stateOf(replacement, 'm.room.canonical_alias')).toEqual({
      alias: alias('moving'),
      alt_aliases: [alias('other')],
    });
    expect(await stateOf(roomId, 'm.room.canonical_alias')).toEqual({});
    const listed = (await bob.call('getPublicRooms')).chunk.map((room: Json) => room.room_id);
    expect(listed).toContain(replacement);
    expect(listed).not.toContain(roomId);
  });

  it('keeps the rooms of a space', async () => {
    const child = await alice.createRoom();
    const space = await alice.createRoom({ room_version: '10', creation_content: { type: 'm.space' } });
    await alice.sendState(space, 'm.space.child', { via: ['test'] }, child);
    await alice.sendState(space, 'm.space.child', {}, '!gone:test');
    const replacement = await upgrade(alice, space, { new_version: '11' });
    expect((await stateOf(replacement, 'm.room.create')).type).toBe('m.space');
    expect(await stateOf(replacement, 'm.space.child', child)).toEqual({ via: ['test'] });
    await stateOf(replacement, 'm.space.child', '!gone:test', alice, { expect: 'M_NOT_FOUND' });
  });

  describe('power', () => {
    it('is the same afterwards, also of those who have little', async () => {
      const roomId = await alice.createRoom({ room_version: '10', preset: 'public_chat', name: 'x' });
      const levels = await stateOf(roomId, 'm.room.power_levels');
      await alice.sendState(roomId, 'm.room.power_levels', {
        ...levels,
        users: { [alice.userId!]: 100, [bob.userId!]: 60, [carol.userId!]: 80 },
        events: { ...levels.events, 'm.room.tombstone': 50, 'm.room.name': 90 },
      });
      await bob.joinRoom(roomId);
      await carol.joinRoom(roomId);
      const replacement = await upgrade(bob, roomId, { new_version: '11' });
      const after = await stateOf(replacement, 'm.room.power_levels', '', bob);
      expect(after.users).toEqual({ [alice.userId!]: 100, [bob.userId!]: 60, [carol.userId!]: 80 });
      expect(await stateOf(replacement, 'm.room.name', '', bob)).toEqual({ name: 'x' });
      // They might not change levels: the old room keeps its own.
      expect(await stateOf(roomId, 'm.room.power_levels')).toMatchObject({ events_default: 0 });
    });

    it('is above all levels for creators, and an ordinary one where there are none', async () => {
      const roomId = await alice.createRoom({ room_version: '11', preset: 'public_chat' });
      const levels = await stateOf(roomId, 'm.room.power_levels');
      await alice.sendState(roomId, 'm.room.power_levels', {
        ...levels,
        users: { [alice.userId!]: 100, [bob.userId!]: 100, [carol.userId!]: 50 },
      });
      await bob.joinRoom(roomId);
      const newer = await upgrade(alice, roomId, { new_version: '12', additional_creators: [bob.userId] });
      expect(await stateOf(newer, 'm.room.create')).toMatchObject({ additional_creators: [bob.userId] });
      expect((await stateOf(newer, 'm.room.power_levels')).users).toEqual({ [carol.userId!]: 50 });
      const older = await upgrade(alice, newer, { new_version: '11' });
      expect((await stateOf(older, 'm.room.power_levels')).users).toEqual({
        [alice.userId!]: 100,
        [bob.userId!]: 100,
        [carol.userId!]: 50,
      });
      expect(await stateOf(older, 'm.room.create')).not.toHaveProperty('additional_creators');
    });

    it('in strings of old versions becomes numbers', async () => {
      const roomId = await alice.createRoom({ room_version: '9', preset: 'public_chat' });
      const replacement = await upgrade(alice, roomId, { new_version: '11' });
      const { users, events } = await stateOf(replacement, 'm.room.power_levels');
      expect([...Object.values(users), ...Object.values(events)].every((level) => typeof level === 'number')).toBe(
        true,
      );
    });
  });

  it('is done once for who asks twice', async () => {
    const roomId = await alice.createRoom({ room_version: '10' });
    const body = { new_version: '11' };
    const [first, second] = await Promise.all([upgrade(alice, roomId, body), upgrade(alice, roomId, body)]);
    expect(second).toBe(first);
    expect(await upgrade(alice, roomId, body)).toBe(first);
    expect(await upgrade(alice, roomId, { new_version: '12' })).not.toBe(first);
  });

  it('is refused to those who may not, and for what is no version', async () => {
    const roomId = await alice.createRoom({ room_version: '10', preset: 'public_chat' });
    await bob.joinRoom(roomId);
    await upgrade(bob, roomId, { new_version: '11' }, { expect: 'M_FORBIDDEN' });
    await upgrade(carol, roomId, { new_version: '11' }, { expect: 'M_FORBIDDEN' });
    await upgrade(alice, '!nowhere:test', { new_version: '11' }, { expect: 'M_FORBIDDEN' });
    await upgrade(alice, roomId, { new_version: '999' }, { expect: 'M_UNSUPPORTED_ROOM_VERSION' });
    await upgrade(alice, roomId, {}, { expect: 'M_MISSING_PARAM' });
    await upgrade(alice, roomId, { new_version: '12', additional_creators: ['bob'] }, { expect: 'M_BAD_JSON' });
    await stateOf(roomId, 'm.room.tombstone', '', alice, { expect: 'M_NOT_FOUND' });
  });
});
