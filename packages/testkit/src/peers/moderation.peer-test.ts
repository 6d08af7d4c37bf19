import { beforeAll, expect, test } from 'vitest';
import { commonVersions, describePeers } from './describe-peers.ts';
import type { PeerUser } from './peer-user.ts';
import { otherSide, sides, type Side } from './peers.ts';
import { untilSameState } from './same-state.ts';

describePeers('moderation', (peers) => {
  const users = {} as Record<Side, PeerUser>;
  const others = {} as Record<Side, PeerUser>;
  beforeAll(async () => {
    for (const side of sides) {
      users[side] = await peers().register(side, side.toLowerCase());
      others[side] = await peers().register(side, `other-${side.toLowerCase()}`);
    }
  });

  // By turns: that the host may do the same is a test of membership, for both sides.
  for (const [index, version] of commonVersions.entries()) {
    const side = sides[index % 2]!;
    test(`${side} hosts, version ${version}: the guest is given power, kicks, bans, lets in again, and redacts state`, async () => {
      const [host, guest, bystander] = [users[side], users[otherSide(side)], others[side]];
      const via = [host.serverName];
      const roomId = await host.client.createRoom({ preset: 'public_chat', room_version: version });
      await guest.join(roomId, via);
      await bystander.join(roomId, via);
      const levels = structuredClone((await host.state(roomId)).get('m.room.power_levels|').content);
      levels.users[guest.userId] = 100;
      await guest.sees(roomId, await host.client.sendState(roomId, 'm.room.power_levels', levels));

      await guest.kick(roomId, bystander);
      await bystander.isIn('leave', roomId);
      await bystander.join(roomId, via);
      // A ban that doesn't follow the join would be another story: servers differ then until somebody speaks.
      await guest.sees(roomId, await memberEvent(roomId, bystander, bystander));
      await guest.ban(roomId, bystander);
      await bystander.seesMember(roomId, bystander, 'ban');
      await bystander.join(roomId, via, 403);
      await guest.unban(roomId, bystander);
      await host.sees(roomId, await memberEvent(roomId, guest, bystander));
      await untilSameState(roomId, host, guest);
      await bystander.join(roomId, via);
      await guest.sees(roomId, await memberEvent(roomId, bystander, bystander));
      await guest.client.sendState(roomId, 'm.room.topic', { topic: 'of the guest' });

      // What is left of a state event differs by its type and by the version.
      const state = await guest.state(roomId);
      for (const type of ['m.room.topic', 'm.room.history_visibility', 'm.room.join_rules', 'm.room.power_levels']) {
        await host.sees(roomId, await guest.redact(roomId, state.get(`${type}|`).event_id));
      }
      await untilSameState(roomId, host, guest);
      const [here, there] = [await host.state(roomId), await guest.state(roomId)];
      for (const [key, { content }] of here) expect(there.get(key).content, key).toEqual(content);
      expect(here.get('m.room.topic|').content).toEqual({});
      expect(here.get('m.room.power_levels|').content.users[guest.userId]).toBe(100);
      await guest.ban(roomId, bystander);
      await host.seesMember(roomId, bystander, 'ban');
      await untilSameState(roomId, host, guest);
    });
  }

  /** The event that `user` is in the room by, as another one has it. */
  async function memberEvent(roomId: string, at: PeerUser, user: PeerUser): Promise<string> {
    return (await at.state(roomId)).get(`m.room.member|${user.userId}`).event_id;
  }
});
