import { afterAll, beforeAll, expect, test } from 'vitest';
import { signJson, SigningKey, type JsonObject } from '@myelin/protocol';
import { TestPeer } from '../federation/test-peer.ts';
import { commonVersions, describePeers, versionsFrom } from './describe-peers.ts';
import type { PeerUser } from './peer-user.ts';
import { otherSide, sides, type Side } from './peers.ts';
import { untilSameState } from './same-state.ts';

describePeers('admission', (peers) => {
  const users = {} as Record<Side, PeerUser>;
  const others = {} as Record<Side, PeerUser>;
  let identityServer: TestPeer;
  beforeAll(async () => {
    identityServer = await TestPeer.start();
    for (const side of sides) {
      users[side] = await peers().register(side, side.toLowerCase());
      others[side] = await peers().register(side, `other-${side.toLowerCase()}`);
    }
  });
  afterAll(() => identityServer?.stop());

  for (const side of sides) {
    for (const version of commonVersions) {
      test(`${side} hosts, version ${version}: an address is invited, and who turns out to have it comes in`, async () => {
        const [host, guest] = [users[side], users[otherSide(side)]];
        const key = new SigningKey('ed25519:0', Buffer.alloc(32, 'identity server'));
        const content = {
          display_name: 'a…@b…',
          public_key: key.publicKey,
          public_keys: [{ public_key: key.publicKey }],
        };
        const roomId = await host.client.createRoom({
          preset: 'private_chat',
          room_version: version,
          initial_state: [{ type: 'm.room.third_party_invite', state_key: 'token', content }],
        });
        const forger = new SigningKey('ed25519:0', Buffer.alloc(32, 'somebody else'));
        expect(await bind(forger, roomId, host, guest)).not.toBe(200);
        await guest.join(roomId, [host.serverName], 'M_FORBIDDEN');
        expect(await bind(key, roomId, host, guest)).toBe(200);
        await guest.isIn('invite', roomId);
        const invite = (await host.seesMember(roomId, guest, 'invite')).content.third_party_invite;
        expect(invite).toMatchObject({ display_name: 'a…@b…', signed: { mxid: guest.userId, token: 'token' } });
        await guest.join(roomId);
        await guest.client.sendText(roomId, 'inside');
        await host.seesText(roomId, 'inside');
        await untilSameState(roomId, host, guest);
      });
    }

    for (const version of versionsFrom(10)) {
      test(`${side} hosts, version ${version}: knocked where a space lets in too`, async () => {
        const [host, guest] = [users[side], users[otherSide(side)]];
        const space = await host.client.createRoom({ preset: 'private_chat', room_version: version });
        const roomId = await restrictedRoom(host, version, 'knock_restricted', space);
        await guest.join(roomId, [host.serverName], 'M_FORBIDDEN');
        await guest.knock(roomId, [host.serverName]);
        await host.seesMember(roomId, guest, 'knock');
        await host.client.invite(roomId, guest.userId);
        await guest.isIn('invite', roomId);
        await guest.join(roomId);
        await guest.client.sendText(roomId, 'inside');
        await host.seesText(roomId, 'inside');
        await untilSameState(roomId, host, guest);
      });
    }
  }

  for (const [index, version] of versionsFrom(8).entries()) {
    const side = sides[index % 2]!;
    test(`${side} hosts, version ${version}: who may let others in is on the other server, until they lose the power`, async () => {
      const [host, guest, newcomer] = [users[side], users[otherSide(side)], others[side]];
      const via = [host.serverName];
      const space = await host.client.createRoom({ preset: 'public_chat', room_version: version });
      const roomId = await restrictedRoom(host, version, 'restricted', space);
      const resident = await peers().register(side, `resident-${side.toLowerCase()}-${version}`);
      for (const each of [guest, resident, newcomer]) await each.join(space, via);
      for (const each of [guest, resident]) await each.join(roomId, via);
      const levels = structuredClone((await host.state(roomId)).get('m.room.power_levels|').content);
      await guest.sees(
        roomId,
        await host.client.sendState(roomId, 'm.room.power_levels', {
          ...levels,
          invite: 50,
          users: { ...levels.users, [guest.userId]: 100 },
        }),
      );
      await host.client.leaveRoom(roomId);
      await guest.seesMember(roomId, host, 'leave');

      await newcomer.join(roomId, [guest.serverName]);
      const join = await guest.seesMember(roomId, newcomer, 'join');
      expect(join.content.join_authorised_via_users_server).toBe(guest.userId);
      await newcomer.client.sendText(roomId, 'inside');
      await guest.seesText(roomId, 'inside');
      await untilSameState(roomId, newcomer, guest);

      await newcomer.client.leaveRoom(roomId);
      await guest.seesMember(roomId, newcomer, 'leave');
      const now = structuredClone((await guest.state(roomId)).get('m.room.power_levels|').content);
      now.users[guest.userId] = 0;
      await resident.sees(roomId, await guest.client.sendState(roomId, 'm.room.power_levels', now));
      const again = { params: { roomIdOrAlias: roomId }, query: { via: [guest.serverName] }, body: {} };
      await newcomer.client.call('joinRoom', again, { expect: side === 'Myelin' ? 403 : 404 });
      await untilSameState(roomId, resident, guest);
    });
  }

  for (const [index, version] of commonVersions.entries()) {
    const side = sides[index % 2]!;
    test(`${side} hosts, version ${version}: both refuse alike what a server asks that isn't in the room`, async () => {
      const [host, guest] = [users[side], users[otherSide(side)]];
      const secret = { content: { history_visibility: 'world_readable' }, state_key: '' };
      const roomId = await host.client.createRoom({
        preset: 'private_chat',
        room_version: version,
        invite: [guest.userId],
        initial_state: [{ type: 'm.room.history_visibility', ...secret }],
      });
      await guest.isIn('invite', roomId);
      await guest.join(roomId);
      const eventId = await host.client.sendText(roomId, 'not for everybody');
      await guest.sees(roomId, eventId);
      const answers = {} as Record<Side, unknown>;
      for (const each of sides) answers[each] = await refusals(peers().serverName(each), version, roomId, eventId);
      expect(answers.Myelin).toEqual(answers.Synapse);
    });
  }

  /** What a server says to one that isn't in the room: by question, status and code. */
  async function refusals(
    serverName: string,
    version: string,
    roomId: string,
    eventId: string,
  ): Promise<Record<string, string>> {
    const [room, event] = [encodeURIComponent(roomId), encodeURIComponent(eventId)];
    const user = encodeURIComponent(`@somebody:${identityServer.serverName}`);
    const missing = { limit: 10, min_depth: 0, earliest_events: [], latest_events: [eventId] };
    const questions: readonly [method: string, path: string, body?: JsonObject][] = [
      ['GET', `/v1/event/${event}`],
      ['GET', `/v1/state/${room}?event_id=${event}`],
      ['GET', `/v1/state_ids/${room}?event_id=${event}`],
      ['GET', `/v1/backfill/${room}?limit=10&v=${event}`],
      ['POST', `/v1/get_missing_events/${room}`, missing],
      ['GET', `/v1/event_auth/${room}/${event}`],
      ['GET', `/v1/timestamp_to_event/${room}?ts=0&dir=f`],
      ['GET', `/v1/hierarchy/${room}`],
      ['GET', `/v1/make_join/${room}/${user}?ver=${version}`],
      ['GET', `/v1/make_leave/${room}/${user}`],
      ['GET', `/v1/make_knock/${room}/${user}?ver=${version}`],
      ['GET', `/v1/make_join/${room}/${user}?ver=nonsense`],
      ['GET', `/unstable/rooms/${room}/complexity`],
    ];
    const answers: Record<string, string> = {};
    for (const [method, path, body] of questions) {
      const answer = await identityServer.send(serverName, method, `/_matrix/federation${path}`, body ? { body } : {});
      answers[`${method} ${path.replace(roomId, 'ROOM')}`] = `${answer.status} ${answer.body?.errcode}`;
    }
    return answers;
  }

  async function restrictedRoom(host: PeerUser, version: string, rule: string, space: string): Promise<string> {
    const content = { join_rule: rule, allow: [{ type: 'm.room_membership', room_id: space }] };
    return host.client.createRoom({
      preset: 'private_chat',
      room_version: version,
      initial_state: [{ type: 'm.room.join_rules', state_key: '', content }],
    });
  }

  /** The identity server tells the guest's server, which isn't in the room; the answer's status. */
  async function bind(key: SigningKey, roomId: string, host: PeerUser, guest: PeerUser): Promise<number> {
    const { userId: mxid } = guest;
    const signed = signJson({ mxid, token: 'token' }, identityServer.serverName, key);
    const address = { medium: 'email', address: 'a@b.example', mxid };
    const invites: JsonObject[] = [{ ...address, room_id: roomId, sender: host.userId, signed }];
    const path = '/_matrix/federation/v1/3pid/onbind';
    const body = { ...address, invites };
    // The specification says PUT, identity servers and Synapse say POST.
    return (await identityServer.send(guest.serverName, 'POST', path, { body })).status;
  }
});
