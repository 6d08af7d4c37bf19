import { beforeAll, expect, test } from 'vitest';
import { commonVersions, describePeers, versionsFrom } from './describe-peers.ts';
import type { PeerUser } from './peer-user.ts';
import { otherSide, sides, type Side } from './peers.ts';
import { untilSameState } from './same-state.ts';

describePeers('membership', (peers) => {
  const users = {} as Record<Side, PeerUser>;
  beforeAll(async () => {
    for (const side of sides) users[side] = await peers().register(side, side.toLowerCase());
  });

  test('both servers have the same room versions', async () => {
    for (const side of sides) {
      const { capabilities } = await users[side].client.call('getCapabilities');
      const stable = Object.entries(capabilities['m.room_versions'].available).filter(([, what]) => what === 'stable');
      expect(stable.map(([version]) => version).sort()).toEqual([...commonVersions].sort());
    }
  });

  for (const side of sides) {
    for (const version of commonVersions) {
      test(`${side} hosts, version ${version}: invited, refused, rescinded`, async () => {
        const [host, guest] = [users[side], users[otherSide(side)]];
        const create = (): Promise<string> =>
          host.client.createRoom({
            preset: 'private_chat',
            room_version: version,
            name: 'Parlour',
            invite: [guest.userId],
          });
        const roomId = await create();
        const stripped = await guest.seesStripped('invite', roomId);
        expect(stripped.find(({ type }) => type === 'm.room.name').content).toEqual({ name: 'Parlour' });
        await guest.client.leaveRoom(roomId);
        await guest.isIn('leave', roomId);
        await host.seesMember(roomId, guest, 'leave');
        await host.client.invite(roomId, guest.userId);
        await guest.isIn('invite', roomId);
        await host.kick(roomId, guest);
        await guest.isIn('leave', roomId);
        await host.client.invite(roomId, guest.userId);
        await guest.isIn('invite', roomId);
        await guest.join(roomId);
        await host.seesMember(roomId, guest, 'join');
        await guest.client.sendText(roomId, 'thank you');
        await host.seesText(roomId, 'thank you');
        await untilSameState(roomId, host, guest);
      });
    }

    for (const version of commonVersions) {
      test(`${side} hosts, version ${version}: joined, talked, kicked, banned, unbanned, left`, async () => {
        const [host, guest] = [users[side], users[otherSide(side)]];
        const via = [host.serverName];
        const roomId = await host.client.createRoom({ preset: 'public_chat', room_version: version });
        await guest.join(roomId, via);
        await host.seesMember(roomId, guest, 'join');
        await host.client.sendText(roomId, 'welcome');
        await guest.seesText(roomId, 'welcome');
        await guest.client.sendText(roomId, 'hello');
        await host.seesText(roomId, 'hello');
        await untilSameState(roomId, host, guest);

        await host.kick(roomId, guest);
        await guest.isIn('leave', roomId);
        await guest.join(roomId, via);
        await host.ban(roomId, guest);
        await guest.seesMember(roomId, guest, 'ban');
        await guest.join(roomId, via, 'M_FORBIDDEN');
        await host.unban(roomId, guest);
        await guest.join(roomId, via);
        await guest.client.sendText(roomId, 'again');
        await host.seesText(roomId, 'again');
        await untilSameState(roomId, host, guest);
        await guest.client.leaveRoom(roomId);
        await host.sees(roomId, (event) => event.content.membership === 'leave' && event.sender === guest.userId);
      });
    }

    for (const version of versionsFrom(7)) {
      test(`${side} hosts, version ${version}: knocked, turned down or taken back, knocked, let in`, async () => {
        const [host, guest] = [users[side], users[otherSide(side)]];
        const roomId = await host.client.createRoom({
          preset: 'private_chat',
          room_version: version,
          name: 'Door',
          initial_state: [{ type: 'm.room.join_rules', state_key: '', content: { join_rule: 'knock' } }],
        });
        await guest.knock(roomId, [host.serverName]);
        const stripped = await guest.seesStripped('knock', roomId);
        expect(stripped.find(({ type }) => type === 'm.room.name').content).toEqual({ name: 'Door' });
        await host.seesMember(roomId, guest, 'knock');
        // Synapse takes a knock back in its own books only (its `remote_rescind_knock`), so there the host turns it down.
        if (side === 'Synapse') await guest.client.leaveRoom(roomId);
        else await host.kick(roomId, guest);
        await host.seesMember(roomId, guest, 'leave');
        await guest.knock(roomId, [host.serverName]);
        await guest.isIn('knock', roomId);
        await host.client.invite(roomId, guest.userId);
        await guest.isIn('invite', roomId);
        await guest.join(roomId);
        await guest.client.sendText(roomId, 'inside');
        await host.seesText(roomId, 'inside');
        await untilSameState(roomId, host, guest);
      });
    }

    for (const version of versionsFrom(8)) {
      const rules = Number(version) >= 10 ? ['restricted', 'knock_restricted'] : ['restricted'];
      for (const rule of rules) {
        test(`${side} hosts, version ${version}: ${rule} by a space`, async () => {
          const [host, guest] = [users[side], users[otherSide(side)]];
          const via = [host.serverName];
          const space = await host.client.createRoom({
            preset: 'public_chat',
            room_version: version,
            creation_content: { type: 'm.space' },
          });
          const allow = [{ type: 'm.room_membership', room_id: space }];
          const content = { join_rule: rule, allow };
          const roomId = await host.client.createRoom({
            preset: 'private_chat',
            room_version: version,
            initial_state: [{ type: 'm.room.join_rules', state_key: '', content }],
          });
          await guest.join(roomId, via, 'M_FORBIDDEN');
          await guest.join(space, via);
          await guest.join(roomId, via);
          const join = await host.seesMember(roomId, guest, 'join');
          expect(join.content.join_authorised_via_users_server).toBe(host.userId);
          await guest.client.sendText(roomId, 'inside');
          await host.seesText(roomId, 'inside');
          await untilSameState(roomId, host, guest);
        });
      }
    }
  }
});
