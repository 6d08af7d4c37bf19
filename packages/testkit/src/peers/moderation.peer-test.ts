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
    test(`${side} hosts, version ${version}: the guest is given power, kicks, bans, invites, redacts state, and moves the room`, async () => {
      const [host, guest, bystander] = [users[side], users[otherSide(side)], others[side]];
      const via = [host.serverName];
      const roomId = await host.client.createRoom({ preset: 'public_chat', room_version: version });
      await guest.join(roomId, via);
      await bystander.join(roomId, via);
      const levels = structuredClone((await host.state(roomId)).get('m.room.power_levels|').content);
      levels.users[guest.userId] = 100;
      // In version 12 only creators may close a room, unless it is told otherwise.
      levels.events['m.room.tombstone'] = 100;
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
      // To somebody whose server is in the room and has no need of a way into it.
      await guest.client.invite(roomId, bystander.userId);
      await bystander.isIn('invite', roomId);
      // Synapse can't make the join of who was invited while the invite isn't part of the room's state yet.
      await host.seesMember(roomId, bystander, 'invite');
      await bystander.join(roomId);
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

      // Synapse can't move a room with a redacted topic.
      await guest.client.sendState(roomId, 'm.room.topic', { topic: 'of the next room' });
      const body = { new_version: version };
      const upgraded = await guest.client.call('upgradeRoom', { params: { roomId }, body });
      const tombstone = await host.sees(roomId, ({ type }) => type === 'm.room.tombstone');
      expect(tombstone.content.replacement_room).toBe(upgraded.replacement_room);
      await host.join(upgraded.replacement_room, [guest.serverName]);
      await bystander.join(upgraded.replacement_room, [guest.serverName], 'M_FORBIDDEN');
      await untilSameState(upgraded.replacement_room, host, guest);
      await host.client.leaveRoom(roomId);
      await guest.seesMember(roomId, host, 'leave');
      await guest.client.sendText(roomId, 'who goes last');
    });
  }

  for (const [index, version] of commonVersions.entries()) {
    const side = sides[index % 2]!;
    test(`${side} hosts, version ${version}: a server that may not speak isn't heard, nor let in, until it may`, async () => {
      const [host, guest, friend] = [users[side], users[otherSide(side)], others[otherSide(side)]];
      const via = [host.serverName];
      const roomId = await host.client.createRoom({ preset: 'public_chat', room_version: version });
      await guest.join(roomId, via);
      const before = await guest.client.sendText(roomId, 'before');
      await host.sees(roomId, before);
      const acl = (deny: readonly string[]): Promise<string> =>
        host.client.sendState(roomId, 'm.room.server_acl', { allow: ['*'], deny });
      await guest.sees(roomId, await acl([nameOf(guest)]));
      const unheard = await guest.client.sendText(roomId, 'unheard');
      // Its own server wouldn't ask for somebody who comes where another of its users is.
      const alone = await host.client.createRoom({
        preset: 'public_chat',
        room_version: version,
        initial_state: [{ type: 'm.room.server_acl', state_key: '', content: { allow: ['*'], deny: [nameOf(guest)] } }],
      });
      await friend.join(alone, via, 'M_FORBIDDEN');
      await host.client.invite(alone, friend.userId);
      await friend.join(alone, via, 'M_FORBIDDEN');

      const allowed = await acl([]);
      await guest.sees(roomId, allowed);
      const heard = await guest.client.sendText(roomId, 'heard');
      await host.sees(roomId, heard);
      await untilSameState(roomId, host, guest);
      const seen = (await host.history(roomId)).map(({ event_id: eventId }) => eventId);
      expect(seen).toContain(before);
      expect(seen.indexOf(heard)).toBeLessThan(seen.indexOf(allowed));
      // What it said meanwhile was refused once, and comes as what its next event follows.
      expect(seen).toContain(unheard);
    });
  }

  /** The name of a user's server as lists of servers have it: without a port. */
  function nameOf({ serverName }: PeerUser): string {
    return serverName.replace(/:\d+$/, '');
  }

  /** The event that `user` is in the room by, as another one has it. */
  async function memberEvent(roomId: string, at: PeerUser, user: PeerUser): Promise<string> {
    return (await at.state(roomId)).get(`m.room.member|${user.userId}`).event_id;
  }
});
