import { describeServers, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { harmless } from './testing/read-everything.ts';
import { soon } from './testing/soon.ts';

describeServers((start) => {
  let server: TestServer;
  let alice: TestClient;
  let bob: TestClient;
  beforeAll(async () => {
    server = await start();
    [alice, bob] = (await Promise.all(['alice', 'bob'].map((name) => server.registerUser(name)))) as [
      TestClient,
      TestClient,
    ];
  });

  const either = { expect: harmless } as const;

  describe('lists and texts without end', () => {
    const many = (count: number, item: (n: number) => unknown): unknown[] =>
      Array.from({ length: count }, (_, n) => item(n));
    const mapping = (count: number, key: (n: number) => string, value: unknown): object =>
      Object.fromEntries(many(count, (n) => [key(n), value]) as [string, unknown][]);
    const userId = '@bob:test';
    const cases: readonly (readonly [
      what: string,
      operation: string,
      request: { params?: object; query?: object; body?: object },
    ])[] = [
      ['invitees', 'createRoom', { body: { invite: many(10_000, (n) => `@user${n}:test`) } }],
      [
        'state to begin with',
        'createRoom',
        { body: { initial_state: many(10_000, (n) => ({ type: 'org.example', state_key: `${n}`, content: {} })) } },
      ],
      ['the name of a room', 'createRoom', { body: { name: 'x'.repeat(70_000) } }],
      [
        'power levels',
        'createRoom',
        { body: { power_level_content_override: { users: mapping(5_000, (n) => `@user${n}:test`, 1) } } },
      ],
      ['what a room is made with', 'createRoom', { body: { creation_content: { value: 'x'.repeat(70_000) } } }],
      ['an alias', 'createRoom', { body: { room_alias_name: 'x'.repeat(300) } }],
      [
        'account data',
        'setAccountData',
        { params: { userId, type: 'org.example' }, body: { value: 'x'.repeat(1_048_576) } },
      ],
      ['the type of account data', 'setAccountData', { params: { userId, type: 'x'.repeat(2_000) }, body: {} }],
      [
        'a display name',
        'setProfileField',
        { params: { userId, keyName: 'displayname' }, body: { displayname: 'x'.repeat(70_000) } },
      ],
      [
        'a field of a profile',
        'setProfileField',
        { params: { userId, keyName: 'org.example' }, body: { 'org.example': 'x'.repeat(70_000) } },
      ],
      [
        'the name of a field',
        'setProfileField',
        { params: { userId, keyName: 'x'.repeat(300) }, body: { ['x'.repeat(300)]: 1 } },
      ],
      [
        'what one is doing',
        'setPresence',
        { params: { userId }, body: { presence: 'online', status_msg: 'x'.repeat(500_000) } },
      ],
      ['a search', 'queryPublicRooms', { body: { filter: { room_types: many(50_000, (n) => `${n}`) } } }],
      [
        'devices that are asked for',
        'queryKeys',
        { body: { device_keys: mapping(20_000, (n) => `@user${n}:test`, []) } },
      ],
      [
        'keys that are claimed',
        'claimKeys',
        { body: { one_time_keys: mapping(10_000, (n) => `@user${n}:test`, { D: 'signed_curve25519' }) } },
      ],
      [
        'one-time keys',
        'uploadKeys',
        { body: { one_time_keys: mapping(10_000, (n) => `signed_curve25519:${n}`, { key: 'x', signatures: {} }) } },
      ],
      [
        'messages to devices',
        'sendToDevice',
        {
          params: { eventType: 'org.example', txnId: '1' },
          body: { messages: mapping(10_000, (n) => `@user${n}:test`, { '*': {} }) },
        },
      ],
      [
        'a message to a device',
        'sendToDevice',
        {
          params: { eventType: 'org.example', txnId: '2' },
          body: { messages: { [userId]: { '*': { value: 'x'.repeat(500_000) } } } },
        },
      ],
      ['devices that are deleted', 'deleteDevices', { body: { devices: many(50_000, (n) => `${n}`) } }],
      [
        'the name of a device',
        'login',
        {
          body: {
            type: 'm.login.password',
            identifier: { type: 'm.id.user', user: 'bob' },
            password: 'correct horse bob',
            initial_device_display_name: 'x'.repeat(500_000),
          },
        },
      ],
      [
        'a device id',
        'login',
        {
          body: {
            type: 'm.login.password',
            identifier: { type: 'm.id.user', user: 'bob' },
            password: 'correct horse bob',
            device_id: 'x'.repeat(500_000),
          },
        },
      ],
      [
        'a password',
        'login',
        {
          body: {
            type: 'm.login.password',
            identifier: { type: 'm.id.user', user: 'bob' },
            password: 'x'.repeat(900_000),
          },
        },
      ],
      [
        'a new password',
        'register',
        { body: { username: 'long', password: 'x'.repeat(900_000), auth: { type: 'm.login.dummy' } } },
      ],
      [
        'a push rule',
        'setPushRule',
        {
          params: { kind: 'override', ruleId: 'long' },
          body: { conditions: many(20_000, () => ({ kind: 'event_match', key: 'type', pattern: '*' })), actions: [] },
        },
      ],
      [
        'a pusher',
        'postPusher',
        {
          body: {
            kind: 'http',
            app_id: 'x',
            pushkey: 'x'.repeat(500_000),
            app_display_name: 'x',
            device_display_name: 'x',
            lang: 'en',
            data: { url: 'https://push.test/_matrix/push/v1/notify' },
          },
        },
      ],
      [
        'a backup',
        'postRoomKeysVersion',
        { body: { algorithm: 'm.megolm_backup.v1.curve25519-aes-sha2', auth_data: { value: 'x'.repeat(900_000) } } },
      ],
    ];
    it.each(cases)('%s (%s)', async (_what, operation, request) => {
      const before = await bob.call('getJoinedRooms');
      await soon(bob.send(operation, request as never, either));
      expect(await bob.call('getJoinedRooms')).toEqual(before);
      await soon(bob.call('getTokenOwner'));
    });

    it('servers to go by', async () => {
      const roomId = await alice.createRoom({ preset: 'public_chat' });
      const via = Array.from({ length: 250 }, (_, n) => `server${n}.test`);
      const params = { roomIdOrAlias: roomId };
      await soon(bob.call('joinRoom', { params, query: { server_name: via, via } }));
      // None of them is there.
      const far = { roomIdOrAlias: '!far:away.test' };
      await soon(bob.call('joinRoom', { params: far, query: { via } }, { expect: [404, 502] }));
      await alice.sendState(
        roomId,
        'm.space.child',
        { via: Array.from({ length: 3_000 }, (_, n) => `server${n}.test`) },
        '!child:test',
      );
      await soon(bob.sync());
    });
  });
});
