import { describeServers, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, test } from 'vitest';

describeServers((start) => {
  let server: TestServer;
  let alice: TestClient;
  let bob: TestClient;
  beforeAll(async () => {
    // Rooms are published only where a rule allows it, as with Synapse.
    server = await start({ config: { room_list_publication_rules: [{ action: 'allow' }] } });
    alice = await server.registerUser('alice');
    bob = await server.registerUser('bob');
  });

  describe('aliases', () => {
    test('lead to their room until they are deleted', async () => {
      const roomId = await alice.createRoom({ preset: 'public_chat' });
      const params = { roomAlias: '#Élan:test' };
      await alice.call('setRoomAlias', { params, body: { room_id: roomId } });
      expect(await bob.call('getRoomIdByAlias', { params })).toEqual({ room_id: roomId, servers: ['test'] });
      expect(await alice.call('getLocalAliases', { params: { roomId } })).toEqual({ aliases: ['#Élan:test'] });
      expect(await bob.joinRoom('#Élan:test')).toBe(roomId);

      await bob.call('deleteRoomAlias', { params }, { expect: 'M_FORBIDDEN' });
      await alice.call('deleteRoomAlias', { params });
      await bob.call('getRoomIdByAlias', { params }, { expect: 'M_NOT_FOUND' });
      await alice.call('deleteRoomAlias', { params }, { expect: 'M_NOT_FOUND' });
      expect(await alice.call('getLocalAliases', { params: { roomId } })).toEqual({ aliases: [] });
    });

    test('are taken once, and made on their own server only', async () => {
      const [one, other] = [await alice.createRoom(), await alice.createRoom()];
      const params = { roomAlias: '#taken:test' };
      await alice.call('setRoomAlias', { params, body: { room_id: one } });
      await alice.call('setRoomAlias', { params, body: { room_id: other } }, { expect: 409 });
      for (const roomAlias of ['#elsewhere:example.org', 'no-sigil:test', '#no-server']) {
        const answer = await alice.send(
          'setRoomAlias',
          { params: { roomAlias }, body: { room_id: one } },
          { expect: 'any' },
        );
        expect(answer.status, roomAlias).toBe(400);
      }
    });

    test('that are deleted leave the canonical alias', async () => {
      const roomId = await alice.createRoom({ room_alias_name: 'canonical' });
      const name = { roomId, eventType: 'm.room.canonical_alias', stateKey: '' };
      expect(await alice.call('getRoomStateWithKey', { params: name })).toEqual({ alias: '#canonical:test' });
      await alice.call('deleteRoomAlias', { params: { roomAlias: '#canonical:test' } });
      expect(await alice.call('getRoomStateWithKey', { params: name })).not.toHaveProperty('alias');
    });

    test('of a room are shown to those who are in it', async () => {
      const roomId = await alice.createRoom();
      await bob.call('getLocalAliases', { params: { roomId } }, { expect: 'M_FORBIDDEN' });
    });
  });

  describe('the list of public rooms', () => {
    let roomIds: string[];
    beforeAll(async () => {
      roomIds = [];
      for (const name of ['Gardening', 'Gardens of stone', 'Cooking']) {
        roomIds.push(
          await alice.createRoom({ preset: 'public_chat', visibility: 'public', name, topic: `All on ${name}` }),
        );
      }
      await bob.joinRoom(roomIds[2]!);
    });

    test('shows what is known of a room, the largest first', async () => {
      await server.client().call('getPublicRooms', {}, { expect: 'M_MISSING_TOKEN' });
      const answer = await alice.call('getPublicRooms');
      expect(answer.total_room_count_estimate).toBe(3);
      expect(answer.chunk[0]).toMatchObject({
        room_id: roomIds[2],
        name: 'Cooking',
        topic: 'All on Cooking',
        num_joined_members: 2,
        join_rule: 'public',
        guest_can_join: false,
        world_readable: false,
      });
    });

    test('is turned over page by page, in both directions', async () => {
      const first = await alice.call('queryPublicRooms', { body: { limit: 2 } });
      expect(first.chunk).toHaveLength(2);
      const second = await alice.call('queryPublicRooms', { body: { limit: 2, since: first.next_batch } });
      expect(second.chunk).toHaveLength(1);
      expect(second).not.toHaveProperty('next_batch');
      const seen = [...first.chunk, ...second.chunk].map((room) => room.room_id);
      expect(seen.toSorted()).toEqual(roomIds.toSorted());
      const back = await alice.call('queryPublicRooms', { body: { limit: 2, since: second.prev_batch } });
      expect(back.chunk).toEqual(first.chunk);
    });

    test('is searched by name and topic', async () => {
      const search = async (term: string): Promise<string[]> => {
        const answer = await alice.call('queryPublicRooms', { body: { filter: { generic_search_term: term } } });
        return answer.chunk.map((room: { name: string }) => room.name).toSorted();
      };
      expect(await search('GARDEN')).toEqual(['Gardening', 'Gardens of stone']);
      expect(await search('on cooking')).toEqual(['Cooking']);
      expect(await search('%')).toEqual([]);
    });

    test('is left and entered as those who may change it say', async () => {
      const params = { roomId: roomIds[0]! };
      const visibility = async (): Promise<string> =>
        (await bob.call('getRoomVisibilityOnDirectory', { params })).visibility;
      await bob.call(
        'setRoomVisibilityOnDirectory',
        { params, body: { visibility: 'private' } },
        { expect: 'M_FORBIDDEN' },
      );
      await alice.call('setRoomVisibilityOnDirectory', { params, body: { visibility: 'private' } });
      expect(await visibility()).toBe('private');
      expect((await alice.call('getPublicRooms')).chunk).toHaveLength(2);
      await alice.call('setRoomVisibilityOnDirectory', { params, body: { visibility: 'public' } });
      expect(await visibility()).toBe('public');
      expect((await alice.call('getPublicRooms')).chunk).toHaveLength(3);
    });

    test('knows nothing of rooms that are not there', async () => {
      const params = { roomId: '!nowhere:test' };
      await bob.call('getRoomVisibilityOnDirectory', { params }, { expect: 'M_NOT_FOUND' });
    });
  });
});
