import { beforeAll, expect, test } from 'vitest';
import type { Json } from '../client/http-client.ts';
import { commonVersions, describePeers } from './describe-peers.ts';
import type { PeerUser } from './peer-user.ts';
import { otherSide, sides, type Side } from './peers.ts';
import { untilSameState } from './same-state.ts';
import { until } from './until.ts';

describePeers('forks', (peers) => {
  const users = {} as Record<Side, PeerUser>;
  const third = {} as Record<Side, PeerUser>;
  beforeAll(async () => {
    for (const side of sides) {
      users[side] = await peers().register(side, side.toLowerCase());
      third[side] = await peers().register(side, `third-${side.toLowerCase()}`);
    }
  });

  for (const side of sides) {
    for (const version of commonVersions) {
      test(`${side} hosts, version ${version}: both go on while parted, and agree in the end`, async () => {
        const [host, guest] = [users[side], users[otherSide(side)]];
        const bystander = third[otherSide(side)];
        const roomId = await host.client.createRoom({ preset: 'public_chat', room_version: version });
        await guest.join(roomId, [host.serverName]);
        await bystander.join(roomId, [host.serverName]);
        await host.seesMember(roomId, bystander, 'join');
        const levels = structuredClone((await host.state(roomId)).get('m.room.power_levels|').content);
        levels.users[guest.userId] = 50;
        const given = await host.client.sendState(roomId, 'm.room.power_levels', levels);
        await guest.sees(roomId, given);

        peers().part();
        const said: string[] = [];
        try {
          said.push(await host.client.sendText(roomId, 'host, alone'));
          said.push(await guest.client.sendText(roomId, 'guest, alone'));
          await host.client.sendState(roomId, 'm.room.topic', { topic: 'of the host' });
          await guest.client.sendState(roomId, 'm.room.topic', { topic: 'of the guest' });
          await guest.client.sendState(roomId, 'm.room.name', { name: 'of the guest' });
          // The host bans who says something meanwhile, and takes the guest's power after the guest used it.
          await host.ban(roomId, bystander);
          await bystander.client.sendText(roomId, 'bystander, banned elsewhere');
          const taken = structuredClone(levels);
          taken.users[guest.userId] = 0;
          await host.client.sendState(roomId, 'm.room.power_levels', taken);
          await guest.client.sendState(roomId, 'm.room.join_rules', { join_rule: 'invite' });
        } finally {
          peers().rejoin();
        }
        // What is sent now finds each server's end of the room, whatever state it has led to.
        const ends = [
          await host.client.sendText(roomId, 'host, again'),
          await guest.client.sendText(roomId, 'guest, again'),
        ];
        await host.sees(roomId, ends[1]!);
        await guest.sees(roomId, ends[0]!);
        const state = await untilSameState(roomId, host, guest);
        const now = await host.state(roomId);
        expect(state.get(`m.room.member|${bystander.userId}`)).toBe(
          now.get(`m.room.member|${bystander.userId}`).event_id,
        );
        expect(now.get(`m.room.member|${bystander.userId}`).content.membership).toBe('ban');
        expect(now.get('m.room.power_levels|').content.users[guest.userId] ?? 0).toBe(0);
        // What the rules of the present forbid is soft-failed where it came late; what two members said stands in both.
        await until('both to read what was said', async () => {
          const [a, b] = [await readable(host, roomId), await readable(guest, roomId)];
          return said.every((eventId) => a.has(eventId) && b.has(eventId));
        });
        const last = await host.client.sendText(roomId, 'on one line again');
        await guest.sees(roomId, last);
        await untilSameState(roomId, host, guest);
      });
    }
  }

  async function readable(user: PeerUser, roomId: string): Promise<Set<string>> {
    return new Set((await user.history(roomId)).map((event: Json) => event.event_id));
  }
});
