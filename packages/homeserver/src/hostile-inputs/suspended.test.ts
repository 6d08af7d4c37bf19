import { openDatabase, sql } from '@myelin/database';
import { systemRuntime } from '@myelin/runtime';
import { describeServers, type Json, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, it } from 'vitest';

/** Suspends a user while the server is down: there is no endpoint for it yet. */
async function suspend(server: TestServer, userId: string): Promise<void> {
  await server.restart({}, async () => {
    const database = await openDatabase(server.config.database as Parameters<typeof openDatabase>[0], systemRuntime);
    await database.transact((writer) =>
      writer.run(
        sql`UPDATE accounts SET suspended = 1 WHERE user_nid = (SELECT nid FROM user_names WHERE user_id = ${userId})`,
      ),
    );
    await database.close();
  });
}

describeServers((start) => {
  describe('a suspended user', () => {
    let server: TestServer;
    let alice: TestClient;
    let mallory: TestClient;
    let roomId: string;
    let invited: string;
    let own: string;
    let other: string;
    beforeAll(async () => {
      server = await start({ onDisk: true });
      [alice, mallory] = (await Promise.all(['alice', 'mallory'].map((name) => server.registerUser(name)))) as [
        TestClient,
        TestClient,
      ];
      roomId = await mallory.createRoom({ preset: 'public_chat' });
      await alice.joinRoom(roomId);
      invited = await alice.createRoom({ invite: [mallory.userId!] });
      own = await mallory.sendText(roomId, 'own');
      other = await alice.sendText(roomId, 'other');
      await suspend(server, mallory.userId!);
    });

    const params = () => ({
      roomId,
      roomIdOrAlias: invited,
      eventType: 'm.room.message',
      txnId: mallory.nextTransaction(),
    });
    const stateIds = async () =>
      (await alice.call('getRoomState', { params: { roomId } })).map((event: Json) => event.event_id);
    const message = { msgtype: 'm.text', body: 'x' };
    const cases: readonly (readonly [string, () => { params?: object; body: object }])[] = [
      ['sendMessage', () => ({ params: params(), body: message })],
      [
        'setRoomStateWithKey',
        () => ({ params: { ...params(), eventType: 'm.room.topic', stateKey: '' }, body: { topic: 'x' } }),
      ],
      [
        'setRoomStateWithKey',
        () => ({
          params: { ...params(), eventType: 'm.room.member', stateKey: mallory.userId },
          body: { membership: 'join', displayname: 'x' },
        }),
      ],
      ['redactEvent', () => ({ params: { ...params(), eventId: other }, body: {} })],
      ['sendMessage', () => ({ params: { ...params(), eventType: 'm.room.redaction' }, body: { redacts: other } })],
      ['joinRoom', () => ({ params: params(), body: {} })],
      ['joinRoomById', () => ({ params: { roomId: invited }, body: {} })],
      ['knockRoom', () => ({ params: params(), body: {} })],
      ['inviteUser', () => ({ params: params(), body: { user_id: alice.userId } })],
      ['kick', () => ({ params: params(), body: { user_id: alice.userId } })],
      ['ban', () => ({ params: params(), body: { user_id: alice.userId } })],
      ['createRoom', () => ({ body: {} })],
      ['upgradeRoom', () => ({ params: params(), body: { new_version: '11' } })],
      [
        'setProfileField',
        () => ({ params: { userId: mallory.userId, keyName: 'displayname' }, body: { displayname: 'x' } }),
      ],
    ];
    it.each(cases)('reaches nobody by %s', async (operation, request) => {
      const before = await stateIds();
      await mallory.call(operation, request() as never, { expect: 'M_USER_SUSPENDED' });
      expect(await stateIds()).toEqual(before);
    });

    it('reads, logs in, takes back what was theirs, and leaves', async () => {
      const again = await server.client().login('mallory');
      expect((await again.sync()).rooms.join).toHaveProperty([roomId]);
      await again.call('sendMessage', { params: params(), body: message }, { expect: 'M_USER_SUSPENDED' });
      await mallory.call('redactEvent', { params: { ...params(), eventId: own }, body: {} });
      const redacted: Json = await alice.call('getOneRoomEvent', { params: { roomId, eventId: own } });
      expect(redacted.content).toEqual({});
      for (const each of [roomId, invited]) await mallory.leaveRoom(each);
      expect((await mallory.call('getJoinedRooms')).joined_rooms).toEqual([]);
    });
  });
});
