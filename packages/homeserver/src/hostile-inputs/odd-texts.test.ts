import { describeServers, type TestClient } from '@myelin/testkit';
import { beforeAll, describe, expect, it } from 'vitest';

describeServers((start) => {
  let alice: TestClient;
  beforeAll(async () => {
    alice = await (await start()).registerUser('alice');
  });

  describe('texts of a room that are not what clients expect there', () => {
    it('are left out where it is told of: pictures, rooms that let in', async () => {
      const roomId = await alice.createRoom({ preset: 'public_chat', visibility: 'public', room_version: '11' });
      await alice.sendState(roomId, 'm.room.avatar', { url: 'nothing' });
      const allow = ['nothing', roomId].map((each) => ({ type: 'm.room_membership', room_id: each }));
      await alice.sendState(roomId, 'm.room.join_rules', { join_rule: 'restricted', allow });
      const told = await alice.call('getRoomSummary', { params: { roomIdOrAlias: roomId } });
      expect(told.allowed_room_ids).toEqual([roomId]);
      expect(told).not.toHaveProperty('avatar_url');
    });

    it('are left out where members are listed', async () => {
      const roomId = await alice.createRoom({ preset: 'public_chat' });
      const content = { membership: 'join', displayname: 'Alice', avatar_url: 'nothing' };
      await alice.sendState(roomId, 'm.room.member', content, alice.userId);
      const { joined } = await alice.call('getJoinedMembersByRoom', { params: { roomId } });
      expect(joined[alice.userId as string]).toEqual({ display_name: 'Alice', avatar_url: null });
    });
  });
});
