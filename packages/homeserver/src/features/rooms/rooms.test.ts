import { roomVersions } from '@myelin/protocol';
import { describeServers, type TestClient, type TestServer } from '@myelin/testkit';
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

  const stateOf = async (client: TestClient, roomId: string, eventType: string, stateKey = ''): Promise<unknown> =>
    client.call('getRoomStateWithKey', { params: { roomId, eventType, stateKey } });

  describe('createRoom', () => {
    it.each(roomVersions.map((version) => version.id))(
      'makes a room of version %s that can be spoken in',
      async (version) => {
        const roomId = await alice.createRoom({ room_version: version, preset: 'public_chat', name: 'A room' });
        await bob.joinRoom(roomId);
        const eventId = await bob.sendText(roomId, 'hello');
        const event = await alice.call('getOneRoomEvent', { params: { roomId, eventId } });
        expect(event.content).toEqual({ msgtype: 'm.text', body: 'hello' });
        expect(await stateOf(alice, roomId, 'm.room.create')).toMatchObject({ room_version: version });
      },
    );

    it('lets presets decide who may join and what guests may do', async () => {
      const open = await alice.createRoom({ preset: 'public_chat' });
      expect(await stateOf(alice, open, 'm.room.join_rules')).toEqual({ join_rule: 'public' });
      const closed = await alice.createRoom({ preset: 'private_chat' });
      expect(await stateOf(alice, closed, 'm.room.join_rules')).toEqual({ join_rule: 'invite' });
      expect(await stateOf(alice, closed, 'm.room.guest_access')).toEqual({ guest_access: 'can_join' });
    });

    it('gives invitees of a trusted private chat the same power', async () => {
      const roomId = await alice.createRoom({
        preset: 'trusted_private_chat',
        invite: [bob.userId as string],
        room_version: '11',
      });
      expect(await stateOf(alice, roomId, 'm.room.power_levels')).toMatchObject({
        users: { [bob.userId as string]: 100 },
      });
    });

    it('names invitees of a trusted private chat as creators where creators stand above all', async () => {
      const roomId = await alice.createRoom({
        preset: 'trusted_private_chat',
        invite: [bob.userId as string],
        room_version: '12',
      });
      expect(await stateOf(alice, roomId, 'm.room.create')).toMatchObject({ additional_creators: [bob.userId] });
      expect(await stateOf(alice, roomId, 'm.room.power_levels')).toMatchObject({ users: {} });
    });

    it('lets initial state take the place of what a preset says', async () => {
      const roomId = await alice.createRoom({
        preset: 'private_chat',
        initial_state: [
          { type: 'm.room.history_visibility', content: { history_visibility: 'joined' } },
          { type: 'org.example.thing', state_key: 'key', content: { value: 1 } },
        ],
      });
      expect(await stateOf(alice, roomId, 'm.room.history_visibility')).toEqual({ history_visibility: 'joined' });
      expect(await stateOf(alice, roomId, 'org.example.thing', 'key')).toEqual({ value: 1 });
    });

    it("keeps nothing of a room that can't be made", async () => {
      await alice.call('createRoom', { body: { room_alias_name: 'half', preset: 'public_chat' } });
      await alice.call(
        'createRoom',
        { body: { room_alias_name: 'half', name: 'second' } },
        { expect: 'M_ROOM_IN_USE' },
      );
      await alice.call(
        'createRoom',
        { body: { room_alias_name: 'other', power_level_content_override: { users: 'nonsense' } } },
        { expect: 'M_BAD_JSON' },
      );
      await alice.call(
        'getRoomIdByAlias',
        { params: { roomAlias: `#other:${server.serverName}` } },
        { expect: 'M_NOT_FOUND' },
      );
    });

    it("refuses versions that don't exist and users that can't", async () => {
      await alice.call('createRoom', { body: { room_version: '9999' } }, { expect: 'M_UNSUPPORTED_ROOM_VERSION' });
      await alice.call('createRoom', { body: { invite: ['bob'] } }, { expect: 'M_INVALID_PARAM' });
    });
  });
});
