import { describeServers, type Json, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';

describeServers((start) => {
  let server: TestServer;
  let alice: TestClient;
  let bob: TestClient;
  let roomId: string;
  let number = 0;
  beforeAll(async () => {
    server = await start();
    alice = await server.registerUser('alice');
    bob = await server.registerUser('bob');
  });
  beforeEach(async () => {
    roomId = await alice.createRoom({ preset: 'public_chat' });
  });

  const newAlias = async (client = alice, room = roomId): Promise<string> => {
    number += 1;
    const roomAlias = `#alias${number}:${server.serverName}`;
    await client.call('setRoomAlias', { params: { roomAlias }, body: { room_id: room } });
    return roomAlias;
  };
  const setCanonical = (body: object, expectation = {}): Promise<Json> =>
    alice.call(
      'setRoomStateWithKey',
      { params: { roomId, eventType: 'm.room.canonical_alias', stateKey: '' }, body },
      expectation,
    );
  const canonical = (): Promise<Json> =>
    alice.call('getRoomStateWithKey', { params: { roomId, eventType: 'm.room.canonical_alias', stateKey: '' } });
  const remove = (client: TestClient, roomAlias: string, expectation = {}): Promise<Json> =>
    client.call('deleteRoomAlias', { params: { roomAlias } }, expectation);

  describe('the canonical alias', () => {
    it('and those beside it lead to the room', async () => {
      const [main, other] = [await newAlias(), await newAlias()];
      await setCanonical({ alias: main, alt_aliases: [other, main] });
      const elsewhere = await newAlias(alice, await alice.createRoom());
      for (const wrong of [elsewhere, '#nowhere:test', `#${'x'.repeat(100)}:elsewhere.example`]) {
        await setCanonical({ alias: wrong }, { expect: 'M_BAD_ALIAS' });
        await setCanonical({ alias: main, alt_aliases: [wrong] }, { expect: 'M_BAD_ALIAS' });
      }
      for (const wrong of ['nonsense', `!${main.slice(1)}`, `#${'x'.repeat(300)}:test`, 5, {}]) {
        await setCanonical({ alias: wrong }, { expect: 'M_INVALID_PARAM' });
        await setCanonical({ alt_aliases: [wrong] }, { expect: 'M_INVALID_PARAM' });
      }
      await setCanonical({ alt_aliases: 'nonsense' }, { expect: 'M_INVALID_PARAM' });
      const tooMany = Array.from({ length: 1_001 }, (_, i) => `#a${i}:t`);
      await setCanonical({ alt_aliases: tooMany }, { expect: 'M_INVALID_PARAM' });
      expect(await canonical()).toEqual({ alias: main, alt_aliases: [other, main] });
      await setCanonical({ alias: null });
      await setCanonical({ alias: '' });
      await setCanonical({});
    });

    it('may keep what leads nowhere any more, and lose it', async () => {
      const [main, other] = [await newAlias(), await newAlias()];
      await setCanonical({ alias: main, alt_aliases: [other] });
      // Bob may delete what he made, but can't speak for the room.
      await bob.joinRoom(roomId);
      const ofBob = await newAlias(bob);
      await setCanonical({ alias: main, alt_aliases: [other, ofBob] });
      await remove(bob, ofBob);
      expect(await canonical()).toEqual({ alias: main, alt_aliases: [other, ofBob] });
      await setCanonical({ alias: main, alt_aliases: [ofBob] });
      await remove(alice, main);
      expect(await canonical()).toEqual({ alt_aliases: [ofBob] });
    });
  });

  describe('an alias is deleted', () => {
    it('by who made it, also from outside', async () => {
      await bob.joinRoom(roomId);
      const ofBob = await newAlias(bob);
      await bob.leaveRoom(roomId);
      await remove(bob, ofBob);
      await bob.call('getRoomIdByAlias', { params: { roomAlias: ofBob } }, { expect: 'M_NOT_FOUND' });
    });

    it('by who may say what the room is called, while they are in it, and by administrators', async () => {
      await bob.joinRoom(roomId);
      const [first, second, third] = [await newAlias(bob), await newAlias(), await newAlias()];
      await remove(alice, first);
      await remove(bob, second, { expect: 'M_FORBIDDEN' });
      const levels = await alice.call('getRoomStateWithKey', {
        params: { roomId, eventType: 'm.room.power_levels', stateKey: '' },
      });
      await alice.sendState(roomId, 'm.room.power_levels', {
        ...levels,
        users: { ...levels.users, [bob.userId!]: 50 },
      });
      await remove(bob, second);
      await bob.leaveRoom(roomId);
      await remove(bob, third, { expect: 'M_FORBIDDEN' });
      await remove(await server.registerAdmin(`admin${number}`), third);
      await remove(alice, third, { expect: 'M_NOT_FOUND' });
    });
  });

  describe('an alias is made', () => {
    const make = (client: TestClient, roomAlias: string, room: string, expectation = {}): Promise<Json> =>
      client.call('setRoomAlias', { params: { roomAlias }, body: { room_id: room } }, expectation);

    it('by members, for rooms that are there', async () => {
      await make(bob, '#not-mine:test', roomId, { expect: 'M_FORBIDDEN' });
      await make(bob, '#not-mine:test', '!nowhere:test', { expect: 'M_FORBIDDEN' });
      const admin = await server.registerAdmin(`maker${number}`);
      await make(admin, '#nowhere:test', '!nowhere:test', { expect: 'M_NOT_FOUND' });
      await make(admin, '#by-the-admin:test', roomId);
      await bob.call('getLocalAliases', { params: { roomId: '!nowhere:test' } }, { expect: 'M_FORBIDDEN' });
    });

    it('once, even if many try at the same time', async () => {
      const rooms = await Promise.all(Array.from({ length: 5 }, () => alice.createRoom()));
      const answers = await Promise.all(
        rooms.map((room) =>
          alice.send(
            'setRoomAlias',
            { params: { roomAlias: '#race:test' }, body: { room_id: room } },
            { expect: [200, 409] },
          ),
        ),
      );
      expect(answers.filter((answer) => answer.status === 200).length).toBe(1);
    });

    it('where the rules allow it', async () => {
      const rules = [
        { user_id: '@trusted:*', alias: '*', action: 'allow' },
        { user_id: '*', alias: '#public_*:*', action: 'allow' },
        { user_id: '*', alias: '*', action: 'deny' },
      ];
      const own = await start({ config: { alias_creation_rules: rules, require_membership_for_aliases: false } });
      const [trusted, user] = [await own.registerUser('trusted'), await own.registerUser('user')];
      const room = await user.createRoom();
      await make(user, '#private:test', room, { expect: 'M_FORBIDDEN' });
      await make(user, '#public_one:test', room);
      await make(trusted, '#private:test', room);
      await user.call('createRoom', { body: { room_alias_name: 'private2' } }, { expect: 'M_FORBIDDEN' });
    });
  });
});
