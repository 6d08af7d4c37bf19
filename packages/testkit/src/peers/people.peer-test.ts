import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestPeer } from '../federation/test-peer.ts';
import { commonVersions, describePeers } from './describe-peers.ts';
import type { PeerUser } from './peer-user.ts';
import { otherSide, sides, type Side } from './peers.ts';
import { crossSigningKeysOf, deviceKeysOf, oneTimeKeysOf } from '../builders/device-keys.ts';
import { untilSameState } from './same-state.ts';
import { until } from './until.ts';

describePeers(
  'people',
  (peers) => {
    const users = {} as Record<Side, PeerUser>;
    let roomId: string;
    let stranger: TestPeer;
    beforeAll(async () => {
      stranger = await TestPeer.start();
      for (const side of sides) users[side] = await peers().register(side, side.toLowerCase());
      const { Myelin: host, Synapse: guest } = users;
      roomId = await host.client.createRoom({ preset: 'public_chat' });
      await guest.join(roomId, [host.serverName]);
      await untilSameState(roomId, host, guest);
      await guest.isIn('join', roomId);
    });
    afterAll(() => stranger?.stop());

    test.each(sides)('who types on %s is seen typing on the other, until they stop', async (side) => {
      const [one, other] = [users[side], users[otherSide(side)]];
      const typing = async (is: boolean): Promise<void> => {
        const params = { userId: one.userId, roomId };
        await one.client.call('setTyping', { params, body: { typing: is, ...(is ? { timeout: 30_000 } : {}) } });
        await other.seesEphemeral(
          roomId,
          ({ type, content }) => type === 'm.typing' && content.user_ids.includes(one.userId) === is,
        );
        other.forgetEphemeral();
      };
      await typing(true);
      await typing(false);
    });

    test.each(sides)(
      'what was read on %s is known on the other, in threads too; private receipts stay',
      async (side) => {
        const [one, other] = [users[side], users[otherSide(side)]];
        const root = await other.client.sendText(roomId, 'the root');
        const reply = await other.client.sendEvent(roomId, 'm.room.message', {
          msgtype: 'm.text',
          body: 'the thread',
          'm.relates_to': { rel_type: 'm.thread', event_id: root },
        });
        await one.sees(roomId, reply);
        const read = async (receiptType: string, eventId: string, body: object): Promise<void> => {
          await one.client.call('postReceipt', { params: { roomId, receiptType, eventId }, body });
        };
        await read('m.read.private', root, {});
        await read('m.read', root, { thread_id: 'main' });
        await read('m.read', reply, { thread_id: root });
        const [main, thread] = [receiptOf(root), receiptOf(reply)];
        expect(main(await other.seesEphemeral(roomId, main))).toMatchObject({ thread_id: 'main' });
        expect(thread(await other.seesEphemeral(roomId, thread))).toMatchObject({ thread_id: root });

        function receiptOf(eventId: string): (event: any) => any {
          return ({ type, content }) => type === 'm.receipt' && content[eventId]?.['m.read']?.[one.userId];
        }
      },
    );

    // By turns: in each room both say something, and both hear it.
    for (const [index, version] of commonVersions.entries()) {
      const side = sides[index % 2]!;
      test(`${side} hosts, version ${version}: each sees the other typing, what they have read, and that their devices changed`, async () => {
        const [host, guest] = [users[side], users[otherSide(side)]];
        const room = await host.client.createRoom({ preset: 'public_chat', room_version: version });
        await guest.join(room, [host.serverName]);
        await host.seesMember(room, guest, 'join');
        const said = await host.client.sendText(room, 'read me');
        await guest.sees(room, said);
        for (const [one, other] of [
          [host, guest],
          [guest, host],
        ] as const) {
          other.forgetEphemeral();
          const params = { userId: one.userId, roomId: room };
          await one.client.call('setTyping', { params, body: { typing: true, timeout: 30_000 } });
          const receipt = { params: { roomId: room, receiptType: 'm.read', eventId: said }, body: {} };
          await one.client.call('postReceipt', receipt);
          await one.client.call('uploadKeys', { body: { device_keys: deviceKeysOf(one.client) } });
          const display = { display_name: `device in ${version} on ${side}` };
          await one.client.call('updateDevice', { params: { deviceId: one.client.deviceId! }, body: display });
          await other.seesEphemeral(room, ({ content }) => content.user_ids?.includes(one.userId));
          await other.seesEphemeral(room, ({ content }) => content[said]?.['m.read']?.[one.userId]);
          await other.seesDevicesChanged(one);
        }
      });
    }

    test.each(sides)('the presence of a user of %s, and what they say of it, is seen on the other', async (side) => {
      const [one, other] = [users[side], users[otherSide(side)]];
      const body = { presence: 'unavailable', status_msg: `busy on ${side}` };
      await one.client.call('setPresence', { params: { userId: one.userId }, body });
      await other.seesPresence(
        ({ sender, content }) =>
          sender === one.userId && content.status_msg === body.status_msg && content.presence === 'unavailable',
      );
    });

    test.each(sides)('the name of a user of %s is asked for by the other, and changes in the room', async (side) => {
      const [one, other] = [users[side], users[otherSide(side)]];
      const displayname = `Somebody on ${side}`;
      const params = { userId: one.userId, keyName: 'displayname' };
      await one.client.call('setProfileField', { params, body: { displayname } });
      await other.sees(
        roomId,
        ({ state_key: key, content }) => key === one.userId && content.displayname === displayname,
      );
      const stranger = await peers().register(otherSide(side), `stranger-of-${side.toLowerCase()}`);
      const profile = await stranger.client.call('getUserProfile', { params: { userId: one.userId } });
      expect(profile).toMatchObject({ displayname });
      const missing = { params: { userId: `@nobody:${one.serverName}` } };
      await stranger.client.call('getUserProfile', missing, { expect: 'M_NOT_FOUND' });
    });

    test.each(sides)('aliases and public rooms of %s are found from the other, and joined by', async (side) => {
      const [one, other] = [users[side], users[otherSide(side)]];
      const name = `Open to all on ${side}`;
      const listed = await one.client.createRoom({
        preset: 'public_chat',
        visibility: 'public',
        room_alias_name: 'open',
        name,
      });
      const roomAlias = `#open:${one.serverName}`;
      const found = await other.client.call('getRoomIdByAlias', { params: { roomAlias } });
      expect(found.room_id).toBe(listed);
      expect(found.servers).toContain(one.serverName);
      const query = { server: one.serverName };
      const filter = { generic_search_term: name };
      const rooms = await other.client.call('queryPublicRooms', { query, body: { filter } });
      expect(rooms.chunk).toEqual([expect.objectContaining({ room_id: listed, name, canonical_alias: roomAlias })]);
      await other.client.joinRoom(roomAlias);
      await one.seesMember(listed, other, 'join');
      await one.client.createRoom({ preset: 'public_chat', visibility: 'public', name: 'Empty' });
      const first = await other.client.call('getPublicRooms', { query: { ...query, limit: 1 } });
      expect(first.chunk).toEqual([expect.objectContaining({ room_id: listed, num_joined_members: 2 })]);
      const next = { ...query, limit: 1, since: first.next_batch };
      const second = await other.client.call('getPublicRooms', { query: next });
      expect(second.chunk).toEqual([expect.objectContaining({ name: 'Empty' })]);
      expect(second.next_batch).toBeUndefined();
      const nowhere = { params: { roomAlias: `#nowhere:${one.serverName}` } };
      await other.client.call('getRoomIdByAlias', nowhere, { expect: 'M_NOT_FOUND' });
    });

    test.each(sides)('who a token of %s belongs to is told whoever asks', async (side) => {
      const { client, userId, serverName } = users[side];
      const { access_token: token } = await client.call('requestOpenIdToken', { params: { userId }, body: {} });
      const asked = async (query: string): Promise<{ status: number; body: any }> => {
        const path = `/_matrix/federation/v1/openid/userinfo${query}`;
        const { status, body } = await stranger.send(serverName, 'GET', path, { authorization: [] });
        return { status, body };
      };
      expect(await asked(`?access_token=${token}`)).toEqual({ status: 200, body: { sub: userId } });
      expect(await asked('?access_token=nonsense')).toMatchObject({
        status: 401,
        body: { errcode: 'M_UNKNOWN_TOKEN' },
      });
      expect(await asked('')).toMatchObject({ status: 401, body: { errcode: 'M_MISSING_TOKEN' } });
    });

    test.each(sides)('a space of %s is walked from the other, into rooms of both', async (side) => {
      const [one, other] = [users[side], users[otherSide(side)]];
      const space = (owner: PeerUser, name: string): Promise<string> =>
        owner.client.createRoom({ preset: 'public_chat', creation_content: { type: 'm.space' }, name });
      const near = await other.client.createRoom({ preset: 'public_chat', name: 'Near' });
      const far = await one.client.createRoom({ preset: 'public_chat', name: 'Far' });
      const secret = await one.client.createRoom({ preset: 'private_chat', name: 'Secret' });
      const outer = await space(other, 'Outer');
      const inner = await space(one, 'Inner');
      for (const child of [far, secret]) {
        await one.client.sendState(inner, 'm.space.child', { via: [one.serverName] }, child);
      }
      await one.client.sendState(inner, 'm.space.child', { via: [other.serverName] }, near);
      await other.client.sendState(outer, 'm.space.child', { via: [one.serverName] }, inner);
      const { rooms } = await other.client.call('getSpaceHierarchy', { params: { roomId: outer } });
      expect(rooms.map((room: any) => room.name).sort()).toEqual(['Far', 'Inner', 'Near', 'Outer']);
    });

    test.each(sides)(
      'keys of a user of %s are queried and claimed from the other, which hears of changes',
      async (side) => {
        const [one, other] = [users[side], users[otherSide(side)]];
        const owner = { userId: one.userId, deviceId: one.client.deviceId };
        await one.client.call('uploadKeys', {
          body: { device_keys: deviceKeysOf(owner), one_time_keys: oneTimeKeysOf(owner, ['first']) },
        });
        await other.seesDevicesChanged(one);
        const device = one.client.deviceId!;
        const query = (): Promise<any> =>
          other.client.call('queryKeys', { body: { device_keys: { [one.userId]: [] } } });
        const keys = await until('the keys', async () => (await query()).device_keys[one.userId]?.[device]?.keys);
        expect(keys).toEqual(deviceKeysOf(owner)['keys']);

        const claim = { body: { one_time_keys: { [one.userId]: { [device]: 'signed_curve25519' } } } };
        const claimed = await other.client.call('claimKeys', claim);
        expect(Object.keys(claimed.one_time_keys[one.userId][device])).toEqual(['signed_curve25519:first']);
        const again = await other.client.call('claimKeys', claim);
        expect(again.one_time_keys[one.userId]?.[device] ?? {}).toEqual({});

        const crossSigning = crossSigningKeysOf(owner);
        const password = `correct horse ${side.toLowerCase()}`;
        const identifier = { type: 'm.id.user', user: one.userId };
        await uploadCrossSigning(crossSigning.body);
        await other.seesDevicesChanged(one);
        await until('the new keys', async () => {
          const answer = await query();
          const master = answer.master_keys?.[one.userId]?.keys ?? {};
          const own = answer.self_signing_keys?.[one.userId]?.keys ?? {};
          return crossSigning.master.keyId in master && crossSigning.selfSigning.keyId in own;
        });

        const second = await one.client.login(one.userId, password);
        await second.call('uploadKeys', { body: { device_keys: deviceKeysOf(second) } });
        await other.seesDevicesChanged(one);
        await until(
          'the new device',
          async () => (second.deviceId as string) in (await query()).device_keys[one.userId],
        );
        await second.call('logout');
        await other.seesDevicesChanged(one);
        await until(
          'the device to be gone',
          async () => !((second.deviceId as string) in (await query()).device_keys[one.userId]),
        );

        async function uploadCrossSigning(body: object): Promise<void> {
          const first = await one.client.send('uploadCrossSigningKeys', { body }, { expect: [200, 401] });
          if (first.status === 200) return;
          const { session } = first.body;
          const auth = { type: 'm.login.password', identifier, password, session };
          await one.client.call('uploadCrossSigningKeys', { body: { ...body, auth } });
        }
      },
    );

    test.each(sides)('messages from devices of %s reach one device, or all of a user, in order', async (side) => {
      const [one, other] = [users[side], users[otherSide(side)]];
      const send = async (device: string, serial: number): Promise<void> => {
        const params = { eventType: 'org.example.post', txnId: one.client.nextTransaction() };
        const body = { messages: { [other.userId]: { [device]: { serial, from: side } } } };
        await one.client.call('sendToDevice', { params, body });
      };
      for (let serial = 0; serial < 10; serial++) await send(serial % 2 === 0 ? '*' : other.client.deviceId!, serial);
      await other.seesToDevice(({ content }) => content.from === side && content.serial === 9);
      const came = other.toDevice.filter(({ content }) => content.from === side);
      expect(came.map(({ content }) => content.serial)).toEqual(Array.from({ length: 10 }, (_none, index) => index));
      expect(new Set(came.map(({ sender }) => sender))).toEqual(new Set([one.userId]));
    });
  },
  { presence: true },
);
