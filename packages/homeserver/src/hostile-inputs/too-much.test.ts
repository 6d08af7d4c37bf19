import { describeServers, type Json, type TestClient, type TestServer } from '@myelin/testkit';
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

  const refused = { expect: [400, 413] } as const;
  const either = { expect: harmless } as const;

  describe('patterns made to be slow', () => {
    it('in push rules cost nobody time', async () => {
      const roomId = await alice.createRoom({ invite: [bob.userId!] });
      await bob.joinRoom(roomId);
      const slow = `${'*a'.repeat(100)}*b`;
      for (let n = 0; n < 100; n += 1) {
        const patterns = [slow, `${'a*'.repeat(100)}?`, `${'?*'.repeat(100)}b`, `*${'a'.repeat(200)}b`];
        const body = { pattern: `${patterns[n % 4]}${n}`, actions: ['notify'] };
        await bob.call('setPushRule', { params: { kind: 'content', ruleId: `slow${n}` }, body }, either);
        const conditions = [
          { kind: 'event_match', key: `content.${'\\.a.'.repeat(50)}`, pattern: slow },
          { kind: 'room_member_count', is: '9'.repeat(100) },
        ];
        await bob.call(
          'setPushRule',
          { params: { kind: 'override', ruleId: `odd${n}` }, body: { conditions, actions: ['notify'] } },
          either,
        );
      }
      for (const text of ['a'.repeat(60_000), `${'a '.repeat(30_000)}`]) await soon(alice.sendText(roomId, text));
      const answer = await soon(bob.sync());
      expect(answer.rooms.join[roomId].unread_notifications.notification_count).toBeGreaterThan(0);
    });

    it('in the server ACL of a room cost nobody time', async () => {
      const roomId = await alice.createRoom({ preset: 'public_chat' });
      const globs = Array.from({ length: 4_000 }, (_, n) => `*a*a*a*b*${n}`);
      await soon(alice.sendState(roomId, 'm.room.server_acl', { allow: ['*'], deny: globs }));
      // More than an event can hold.
      const params = { roomId, eventType: 'm.room.server_acl', stateKey: '' };
      const many = Array.from({ length: 100_000 }, (_, n) => `*${n}`);
      await soon(alice.call('setRoomStateWithKey', { params, body: { allow: ['*'], deny: many } }, refused));
      // The own server can't be shut out.
      for (const acl of [
        { allow: [] },
        {},
        { allow: ['*'], deny: ['*'] },
        { allow: ['*'], deny: ['te?t'] },
        { allow: '*' },
      ]) {
        await alice.call('setRoomStateWithKey', { params, body: acl }, { expect: 400 });
      }
      await soon(alice.sendText(roomId, 'still here'));
      await soon(bob.joinRoom(roomId));
    });

    it('in searches of the directory cost nobody time', async () => {
      await alice.createRoom({ visibility: 'public', name: 'a'.repeat(60_000) });
      for (const term of [
        `${'a*'.repeat(1_000)}b`,
        '%'.repeat(1_000),
        '_'.repeat(1_000),
        '('.repeat(1_000),
        'a'.repeat(500_000),
      ]) {
        await soon(bob.call('queryPublicRooms', { body: { filter: { generic_search_term: term } } }, either));
      }
    });
  });

  describe('limits without measure', () => {
    let roomId: string;
    let root: string;
    beforeAll(async () => {
      roomId = await alice.createRoom({ preset: 'public_chat', visibility: 'public' });
      root = await alice.sendText(roomId, 'root');
      const relation = { rel_type: 'm.thread', event_id: root };
      const sends = Array.from({ length: 1_100 }, (_, n) =>
        alice.sendEvent(roomId, 'm.room.message', { msgtype: 'm.text', body: `${n}`, 'm.relates_to': relation }),
      );
      await Promise.all(sends);
      await bob.joinRoom(roomId);
    });
    const numbers = [
      '1000000000',
      '9007199254740991',
      '9007199254740992',
      '18446744073709551616',
      '-1',
      '-9007199254740993',
      '0',
      '1e9',
      '0x10',
      '1.5',
      'NaN',
      'Infinity',
      ' 1',
      '',
    ];
    const lists: Readonly<
      Record<string, { params?: object; query?: object; most: number; of: (body: Json) => Json[] }>
    > = {
      getRoomEvents: { query: { dir: 'b' }, most: 1_000, of: (body) => body.chunk },
      getEventContext: { most: 100, of: (body) => [...body.events_before, ...body.events_after] },
      getRelatingEvents: { most: 1_000, of: (body) => body.chunk },
      getRelatingEventsWithRelType: { most: 1_000, of: (body) => body.chunk },
      getThreadRoots: { most: 1_000, of: (body) => body.chunk },
      getPublicRooms: { most: 1_000, of: (body) => body.chunk },
      getNotifications: { most: 1_000, of: (body) => body.notifications },
    };
    it.each(Object.entries(lists))('of %s are bounded or refused', async (operation, { query, most, of }) => {
      const params = { roomId, eventId: root, relType: 'm.thread' };
      for (const limit of numbers) {
        const answer = await soon(bob.send(operation, { params, query: { ...query, limit } }, { expect: [200, 400] }));
        if (answer.status === 200) expect(of(answer.body).length, limit).toBeLessThanOrEqual(most);
      }
    });

    it('of a filter are bounded or refused', async () => {
      for (const limit of [1e9, 2 ** 53, -1, 0, 1.5]) {
        const filter = JSON.stringify({ room: { timeline: { limit }, state: { limit } }, presence: { limit } });
        const answer = await soon(bob.send('sync', { query: { filter, timeout: 0 } }, { expect: [200, 400] }));
        if (answer.status === 200)
          expect(answer.body.rooms.join[roomId].timeline.events.length).toBeLessThanOrEqual(1_000);
        await soon(
          bob.call(
            'getRoomEvents',
            { params: { roomId }, query: { dir: 'b', filter: JSON.stringify({ limit }) } },
            { expect: [200, 400] },
          ),
        );
      }
    });

    it('of time are bounded or refused', async () => {
      const since = (await bob.sync()).next_batch;
      for (const timeout of ['-1', '9007199254740993', '1e30', 'x', '1.5']) {
        const gone = new AbortController();
        const answer = bob.send('sync', { query: { since, timeout }, signal: gone.signal }, { expect: [200, 400] });
        await Promise.race([answer, alice.sendText(roomId, 'wake up')]);
        gone.abort();
        await answer.catch(() => {});
      }
      for (const timeout of [-1, 0, 2 ** 53 - 1, 1e300, 1.5]) {
        await bob.call(
          'setTyping',
          { params: { roomId, userId: bob.userId! }, body: { typing: true, timeout } },
          { expect: [200, 400] },
        );
      }
      await bob.call('setTyping', { params: { roomId, userId: bob.userId! }, body: { typing: false } });
    });
  });

  describe('filters', () => {
    const sync = (filter: string, expect: readonly number[]) =>
      soon(bob.send('sync', { query: { filter, timeout: 0 } }, { expect }));

    it('of a megabyte are refused, in a query and to be kept', async () => {
      const types = Array.from({ length: 60_000 }, (_, n) => `org.example.${n}`);
      const filter = { room: { timeline: { types } } };
      await soon(bob.call('defineFilter', { params: { userId: bob.userId! }, body: filter }, refused));
      const url = `${server.baseUrl}/_matrix/client/v3/sync?filter=${encodeURIComponent(JSON.stringify(filter))}`;
      const answer = await fetch(url, { headers: { authorization: `Bearer ${bob.accessToken}` } });
      expect([413, 414, 431]).toContain(answer.status);
    });

    it('as large as they may be are worked with at once', async () => {
      const types = Array.from({ length: 1_000 }, (_, n) => `*a*a*${n}*`);
      const filter = { room: { timeline: { types, not_types: types }, state: { types } }, account_data: { types } };
      const { filter_id } = await soon(bob.call('defineFilter', { params: { userId: bob.userId! }, body: filter }));
      await sync(filter_id, [200]);
    });

    it('that are nested, or none, are refused', async () => {
      for (const filter of [
        `{"room":${'['.repeat(1_000)}${']'.repeat(1_000)}}`,
        `{"room":${'{"room":'.repeat(400)}1${'}'.repeat(400)}}`,
        '{"room":{"rooms":5}}',
        '{"room":null}',
        '[]',
        '{',
        '99999999999999999999',
        '-1',
        '../1',
      ]) {
        await sync(filter, [200, 400]);
      }
    });
  });

  it('one who asks for much at once keeps nobody else waiting', async () => {
    const roomId = await alice.createRoom({ preset: 'public_chat' });
    for (let n = 0; n < 50; n += 1) await alice.sendText(roomId, 'x'.repeat(10_000));
    await bob.joinRoom(roomId);
    let answered = 0;
    const flood = Array.from({ length: 100 }, async () => {
      await bob.call('getRoomEvents', { params: { roomId }, query: { dir: 'b', limit: 100 } });
      answered += 1;
    });
    // An answer to the first: the others are on their way.
    await Promise.race(flood);
    await soon(alice.sendText(roomId, 'in between'));
    await Promise.all(flood);
    expect(answered).toBe(100);
  });
});
