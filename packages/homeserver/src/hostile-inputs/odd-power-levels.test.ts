import { roomVersions } from '@myelin/protocol';
import { describeServers, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { harmless, readEverything } from './testing/read-everything.ts';

const every = roomVersions.map(({ id }) => id);

describeServers((start) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await start();
  });

  const setState = (client: TestClient, roomId: string, eventType: string, body: unknown, stateKey = '') =>
    client.send('setRoomStateWithKey', { params: { roomId, eventType, stateKey }, body }, { expect: harmless });

  describe.each(every)('in a room of version %s', (room_version) => {
    const hasIntegerLevels = Number(room_version) >= 10;
    let alice: TestClient;
    let bob: TestClient;
    beforeAll(async () => {
      const names = ['alice', 'bob'].map((name) => `${name}${room_version}`);
      [alice, bob] = (await Promise.all(names.map((name) => server.registerUser(name)))) as [TestClient, TestClient];
    });

    it('odd power levels are refused, or do what they say', async () => {
      const own = await alice.createRoom({ room_version, preset: 'public_chat' });
      await bob.joinRoom(own);
      const levels = await alice.call('getRoomStateWithKey', {
        params: { roomId: own, eventType: 'm.room.power_levels', stateKey: '' },
      });
      const values: unknown[] = [
        '50',
        ' 50 ',
        '+50',
        '5_0',
        '0x32',
        '',
        'x',
        null,
        true,
        [],
        {},
        -(2 ** 53) + 1,
        2 ** 53 - 1,
      ];
      for (const value of values) {
        for (const key of ['users_default', 'events_default', 'ban', 'users', 'events', 'notifications']) {
          const { status } = await setState(alice, own, 'm.room.power_levels', { ...levels, [key]: value });
          if (hasIntegerLevels && !Number.isInteger(value)) {
            const isMap = ['users', 'events', 'notifications'].includes(key) && JSON.stringify(value) === '{}';
            if (!isMap) expect([400, 403], `${key}: ${JSON.stringify(value)}`).toContain(status);
          }
        }
        for (const key of ['users', 'events', 'notifications']) {
          const { status } = await setState(alice, own, 'm.room.power_levels', {
            ...levels,
            [key]: { ...levels[key], 'org.example': value, [bob.userId!]: value },
          });
          if (hasIntegerLevels && !Number.isInteger(value)) expect([400, 403]).toContain(status);
        }
      }
      await readEverything(bob, own);
      // Whatever was let in, nobody without power has got any.
      expect(
        (await setState(bob, own, 'm.room.power_levels', { ...levels, users: { [bob.userId!]: 100 } })).status,
      ).toBe(403);
      expect((await setState(bob, own, 'm.room.name', { name: 'taken over' })).status).toBe(403);
      // Neither has who has some more than they had.
      await setState(alice, own, 'm.room.power_levels', levels);
      await alice.sendText(own, 'still here');
    });

    it('levels beyond what the sender has are refused', async () => {
      const own = await alice.createRoom({ room_version, preset: 'public_chat' });
      await bob.joinRoom(own);
      const levels = await alice.call('getRoomStateWithKey', {
        params: { roomId: own, eventType: 'm.room.power_levels', stateKey: '' },
      });
      const withBob = {
        ...levels,
        users: { ...levels.users, [bob.userId!]: 50 },
        events: { ...levels.events, 'm.room.power_levels': 50 },
      };
      expect((await setState(alice, own, 'm.room.power_levels', withBob)).status).toBe(200);
      const attempts = [
        { ...withBob, users: { ...withBob.users, [bob.userId!]: 51 } },
        { ...withBob, users: { ...withBob.users, [bob.userId!]: '100' } },
        { ...withBob, users: { ...withBob.users, [alice.userId!]: 0 } },
        { ...withBob, users_default: 100 },
        { ...withBob, kick: 100 },
        { ...withBob, events: { ...withBob.events, 'm.room.tombstone': 0 } },
        { ...withBob, events: {} },
      ];
      for (const attempt of attempts)
        expect([400, 403], JSON.stringify(attempt)).toContain(
          (await setState(bob, own, 'm.room.power_levels', attempt)).status,
        );
      if (Number(room_version) >= 12) {
        // The creator stands above all levels, and can't be written down.
        const named = { ...withBob, users: { ...withBob.users, [alice.userId!]: 0 } };
        expect([400, 403]).toContain((await setState(alice, own, 'm.room.power_levels', named)).status);
        await alice.call(
          'createRoom',
          { body: { room_version, creation_content: { additional_creators: ['nobody'] } } },
          { expect: [400, 403] },
        );
        await alice.call(
          'createRoom',
          { body: { room_version, creation_content: { additional_creators: 'bob' } } },
          { expect: [400, 403] },
        );
      }
    });
  });
});
