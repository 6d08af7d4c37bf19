import { describeServers, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, test } from 'vitest';

const algorithm = 'm.megolm_backup.v1.curve25519-aes-sha2';
const authData = { public_key: 'abcdefg', signatures: { '@a:test': { 'ed25519:D': 'sig' } } };
const roomId = '!room:test';

interface Key {
  first_message_index: number;
  forwarded_count: number;
  is_verified: boolean;
  session_data: object;
}

function key(more: Partial<Key> = {}): Key {
  return {
    first_message_index: 1,
    forwarded_count: 0,
    is_verified: false,
    session_data: { ciphertext: 'c', mac: 'm', ephemeral: 'e' },
    ...more,
  };
}

describeServers((start) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await start();
  });

  let users = 0;
  const newUser = (): Promise<TestClient> => server.registerUser(`backup${++users}`);

  async function create(client: TestClient): Promise<string> {
    return (await client.call('postRoomKeysVersion', { body: { algorithm, auth_data: authData } })).version as string;
  }

  /** A user with a backup. */
  async function withBackup() {
    const client = await newUser();
    return { client, version: await create(client) };
  }

  function put(client: TestClient, version: string, sessionId: string, body: unknown, expectation: object = {}) {
    return client.call(
      'putRoomKeyBySessionId',
      { params: { roomId, sessionId }, query: { version }, body },
      expectation,
    );
  }

  function get(client: TestClient, version: string, sessionId: string, expectation: object = {}) {
    return client.call('getRoomKeyBySessionId', { params: { roomId, sessionId }, query: { version } }, expectation);
  }

  describe('versions', () => {
    test('begin, are found, changed and deleted', async () => {
      const client = await newUser();
      await client.call('getRoomKeysVersionCurrent', {}, { expect: 'M_NOT_FOUND' });
      const version = await create(client);
      const info = { algorithm, auth_data: authData, count: 0, etag: '0', version };
      expect(await client.call('getRoomKeysVersionCurrent')).toEqual(info);
      expect(await client.call('getRoomKeysVersion', { params: { version } })).toEqual(info);
      const changed = { ...authData, public_key: 'other' };
      await client.call('putRoomKeysVersion', {
        params: { version },
        body: { algorithm, auth_data: changed, version },
      });
      await client.call('putRoomKeysVersion', {
        params: { version },
        body: { algorithm, auth_data: changed, version: null },
      });
      expect((await client.call('getRoomKeysVersionCurrent')).auth_data).toEqual(changed);
      await client.call('deleteRoomKeysVersion', { params: { version } });
      await client.call('getRoomKeysVersion', { params: { version } }, { expect: 'M_NOT_FOUND' });
      await client.call('deleteRoomKeysVersion', { params: { version } }, { expect: 'M_NOT_FOUND' });
      await client.call('getRoomKeysVersionCurrent', {}, { expect: 'M_NOT_FOUND' });
    });

    test('are never used again, and the one before is current when the newest is deleted', async () => {
      const client = await newUser();
      const [first, second] = [await create(client), await create(client)];
      expect((await client.call('getRoomKeysVersionCurrent')).version).toBe(second);
      await client.call('deleteRoomKeysVersion', { params: { version: second } });
      expect((await client.call('getRoomKeysVersionCurrent')).version).toBe(first);
      const third = await create(client);
      expect(new Set([first, second, third]).size).toBe(3);
      expect(Number(third)).toBeGreaterThan(Number(second));
    });

    test('changes of the algorithm or the version are refused', async () => {
      const { client, version } = await withBackup();
      const change = (body: object, expect: string): Promise<unknown> =>
        client.call(
          'putRoomKeysVersion',
          { params: { version }, body: { algorithm, auth_data: {}, ...body } },
          { expect: expect as 'M_X' },
        );
      await change({ algorithm: 'other' }, 'M_INVALID_PARAM');
      await change({ version: '99' }, 'M_INVALID_PARAM');
      await client.call(
        'putRoomKeysVersion',
        { params: { version: '99' }, body: { algorithm, auth_data: {} } },
        { expect: 'M_NOT_FOUND' },
      );
    });

    test('wrong requests are refused', async () => {
      const client = await newUser();
      const wrongs: [unknown, string][] = [
        [{ algorithm }, 'M_MISSING_PARAM'],
        [{ auth_data: {} }, 'M_MISSING_PARAM'],
        [{ algorithm, auth_data: null }, 'M_BAD_JSON'],
        [{ algorithm: 1, auth_data: {} }, 'M_BAD_JSON'],
        [{ algorithm: 'x'.repeat(256), auth_data: {} }, 'M_INVALID_PARAM'],
        [{ algorithm, auth_data: { fill: 'x'.repeat(70_000) } }, 'M_TOO_LARGE'],
        [{ algorithm, auth_data: { text: '\ud800' } }, 'M_BAD_JSON'],
      ];
      for (const [body, code] of wrongs) await client.call('postRoomKeysVersion', { body }, { expect: code as 'M_X' });
      for (const version of ['0', '-1', 'x', '1e3', '9'.repeat(40), '1 ']) {
        await client.call('getRoomKeysVersion', { params: { version } }, { expect: 'M_NOT_FOUND' });
      }
    });

    test('as many as a user may have', async () => {
      const client = await newUser();
      for (let i = 0; i < 100; i++) await create(client);
      await client.call(
        'postRoomKeysVersion',
        { body: { algorithm, auth_data: {} } },
        { expect: 'M_RESOURCE_LIMIT_EXCEEDED' },
      );
    });

    test('belong to their user', async () => {
      const { client, version } = await withBackup();
      const other = await newUser();
      await put(client, version, 's', key());
      await other.call('getRoomKeysVersion', { params: { version } }, { expect: 'M_NOT_FOUND' });
      await get(other, version, 's', { expect: 'M_NOT_FOUND' });
      await put(other, version, 's', key(), { expect: 'M_NOT_FOUND' });
      await other.call('deleteRoomKeysVersion', { params: { version } }, { expect: 'M_NOT_FOUND' });
      expect(await get(client, version, 's')).toEqual(key());
    });
  });

  describe('keys', () => {
    test('one by one, by room and all', async () => {
      const { client, version } = await withBackup();
      const query = { version };
      expect(await put(client, version, 'a/b+c', key())).toEqual({ count: 1, etag: '1' });
      expect(
        await client.call('putRoomKeysByRoomId', {
          params: { roomId },
          query,
          body: { sessions: { x: key(), y: key({ is_verified: true }) } },
        }),
      ).toEqual({ count: 3, etag: '2' });
      const rooms = {
        [roomId]: { sessions: { x: key() } },
        '!other:test': { sessions: { x: key({ forwarded_count: 3 }) } },
      };
      expect(await client.call('putRoomKeys', { query, body: { rooms } })).toEqual({ count: 4, etag: '3' });

      expect(await get(client, version, 'a/b+c')).toEqual(key());
      const ofRoom = { sessions: { 'a/b+c': key(), x: key(), y: key({ is_verified: true }) } };
      expect(await client.call('getRoomKeysByRoomId', { params: { roomId }, query })).toEqual(ofRoom);
      expect(await client.call('getRoomKeys', { query })).toEqual({
        rooms: { [roomId]: ofRoom, '!other:test': rooms['!other:test'] },
      });
      expect(await client.call('getRoomKeysVersionCurrent')).toMatchObject({ count: 4, etag: '3' });
    });

    test('that are not there', async () => {
      const { client, version } = await withBackup();
      await get(client, version, 'none', { expect: 'M_NOT_FOUND' });
      expect(await client.call('getRoomKeysByRoomId', { params: { roomId }, query: { version } })).toEqual({
        sessions: {},
      });
      expect(await client.call('getRoomKeys', { query: { version } })).toEqual({ rooms: {} });
      expect(await client.call('deleteRoomKeys', { query: { version } })).toEqual({ count: 0, etag: '0' });
      for (const operation of ['getRoomKeys', 'deleteRoomKeys'] as const) {
        await client.call(operation, { query: { version: '77' } }, { expect: 'M_NOT_FOUND' });
        await client.call(operation, {}, { expect: 'M_MISSING_PARAM' });
      }
      await client.call(
        'getRoomKeysByRoomId',
        { params: { roomId }, query: { version: '77' } },
        { expect: 'M_NOT_FOUND' },
      );
      await get(client, '77', 'none', { expect: 'M_NOT_FOUND' });
    });

    test('are deleted one by one, by room and all', async () => {
      const { client, version } = await withBackup();
      const query = { version };
      const sessions = { a: key(), b: key(), c: key() };
      await client.call('putRoomKeys', {
        query,
        body: { rooms: { [roomId]: { sessions }, '!two:test': { sessions }, '!three:test': { sessions } } },
      });
      expect(await client.call('deleteRoomKeyBySessionId', { params: { roomId, sessionId: 'a' }, query })).toEqual({
        count: 8,
        etag: '2',
      });
      expect(await client.call('deleteRoomKeyBySessionId', { params: { roomId, sessionId: 'a' }, query })).toEqual({
        count: 8,
        etag: '2',
      });
      expect(await client.call('deleteRoomKeysByRoomId', { params: { roomId }, query })).toEqual({
        count: 6,
        etag: '3',
      });
      expect(Object.keys((await client.call('getRoomKeys', { query })).rooms).toSorted()).toEqual([
        '!three:test',
        '!two:test',
      ]);
      expect(await client.call('deleteRoomKeys', { query })).toEqual({ count: 0, etag: '4' });
      expect(await client.call('getRoomKeys', { query })).toEqual({ rooms: {} });
      expect(await put(client, version, 'a', key())).toEqual({ count: 1, etag: '5' });
      await client.call(
        'deleteRoomKeyBySessionId',
        { params: { roomId, sessionId: 'a' }, query: { version: '77' } },
        { expect: 'M_NOT_FOUND' },
      );
    });

    test('go into the current version only', async () => {
      const { client, version: old } = await withBackup();
      await put(client, old, 's', key());
      const current = await create(client);
      for (const [operation, params, body] of [
        ['putRoomKeys', {}, { rooms: { [roomId]: { sessions: { s: key() } } } }],
        ['putRoomKeysByRoomId', { roomId }, { sessions: { s: key() } }],
        ['putRoomKeyBySessionId', { roomId, sessionId: 's' }, key()],
      ] as const) {
        const answer = await client.call(
          operation,
          { params, query: { version: old }, body },
          { expect: 'M_WRONG_ROOM_KEYS_VERSION' },
        );
        expect(answer.current_version).toBe(current);
        await client.call(operation, { params, query: { version: '77' }, body }, { expect: 'M_NOT_FOUND' });
      }
      // The old one can still be read.
      expect(await get(client, old, 's')).toEqual(key());
      await get(client, current, 's', { expect: 'M_NOT_FOUND' });
    });

    test('the better of two keys of a session stays', async () => {
      const { client, version } = await withBackup();
      const better: [Partial<Key>, Partial<Key>][] = [
        [
          { is_verified: false, first_message_index: 1 },
          { is_verified: true, first_message_index: 9, forwarded_count: 9 },
        ],
        [
          { first_message_index: 5, forwarded_count: 0 },
          { first_message_index: 4, forwarded_count: 9 },
        ],
        [
          { first_message_index: 5, forwarded_count: 2 },
          { first_message_index: 5, forwarded_count: 1 },
        ],
      ];
      for (const [index, [worse, good]] of better.entries()) {
        const sessionId = `s${index}`;
        const [one, other] = [key({ ...worse, session_data: { n: 1 } }), key({ ...good, session_data: { n: 2 } })];
        await put(client, version, sessionId, one);
        const before = await client.call('getRoomKeysVersionCurrent');
        // The same one, or a worse one, changes nothing.
        expect(await put(client, version, sessionId, key({ ...worse, session_data: { n: 3 } }))).toEqual({
          count: before.count,
          etag: before.etag,
        });
        const after = await put(client, version, sessionId, other);
        expect(after).toEqual({ count: before.count, etag: String(Number(before.etag) + 1) });
        expect(await put(client, version, sessionId, one)).toEqual(after);
        expect(await get(client, version, sessionId)).toEqual(other);
      }
    });

    test('writers at the same time lose nothing', async () => {
      const { client, version } = await withBackup();
      await Promise.all(Array.from({ length: 20 }, (_, n) => put(client, version, `s${n}`, key())));
      expect(await client.call('getRoomKeysVersionCurrent')).toMatchObject({ count: 20, etag: '20' });
    });

    test('of a large backup come as a stream', async () => {
      const { client, version } = await withBackup();
      const fill = key({ session_data: { ciphertext: 'x'.repeat(400) } });
      const rooms = Object.fromEntries(
        Array.from({ length: 10 }, (_, r) => [
          `!${r}:test`,
          { sessions: Object.fromEntries(Array.from({ length: 250 }, (_unused, s) => [`s${s}`, fill])) },
        ]),
      );
      await client.call('putRoomKeys', { query: { version }, body: { rooms } });
      expect(await client.call('getRoomKeys', { query: { version } })).toEqual({ rooms });
      expect(await client.call('getRoomKeysByRoomId', { params: { roomId: '!7:test' }, query: { version } })).toEqual(
        rooms['!7:test'],
      );
    });

    test.each([
      ['null', null],
      ['a missing member', { ...key(), is_verified: undefined }],
      ['is_verified as text', { ...key(), is_verified: 'true' }],
      ['a negative index', key({ first_message_index: -1 })],
      ['a fraction', key({ first_message_index: 0.5 })],
      ['a large number', key({ forwarded_count: 1e300 })],
      ['session_data as text', { ...key(), session_data: 'x' }],
      ['half a character', key({ session_data: { text: '\udc00' } })],
      ['a large key', key({ session_data: { fill: 'x'.repeat(70_000) } })],
    ])('of a wrong shape are refused with their request: %s', async (_what, wrong) => {
      const { client, version } = await withBackup();
      await put(client, version, 's', wrong, { expect: [400, 413] });
      await client.call(
        'putRoomKeys',
        { query: { version }, body: { rooms: { [roomId]: { sessions: { good: key(), bad: wrong } } } } },
        { expect: [400, 413] },
      );
      expect(await client.call('getRoomKeysVersionCurrent')).toMatchObject({ count: 0, etag: '0' });
    });

    test('with ids that are no ids are refused', async () => {
      const { client, version } = await withBackup();
      for (const id of ['', 'x'.repeat(256), '\ud800']) {
        await client.call(
          'putRoomKeys',
          { query: { version }, body: { rooms: { [id]: { sessions: { s: key() } } } } },
          { expect: [400] },
        );
        await client.call(
          'putRoomKeysByRoomId',
          { params: { roomId }, query: { version }, body: { sessions: { [id]: key() } } },
          { expect: [400] },
        );
      }
      for (const wrong of [null, [], { [roomId]: null }, { [roomId]: {} }, { [roomId]: { sessions: [] } }]) {
        await client.call('putRoomKeys', { query: { version }, body: { rooms: wrong } }, { expect: [400] });
      }
      expect(await client.call('getRoomKeys', { query: { version } })).toEqual({ rooms: {} });
    });
  });
});
