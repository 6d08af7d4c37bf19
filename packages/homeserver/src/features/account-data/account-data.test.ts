import { deleteAccountData, deleteAccountDataPerRoom } from '@myelin/api';
import { describeServers, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, it } from 'vitest';

describeServers((start) => {
  let server: TestServer;
  let alice: TestClient;
  let bob: TestClient;
  let roomId: string;
  beforeAll(async () => {
    server = await start();
    alice = await server.registerUser('alice');
    bob = await server.registerUser('bob');
    roomId = await alice.createRoom();
  });
  const own = (client: TestClient, more: object = {}) => ({ params: { userId: client.userId!, ...more } });
  const global = (answer: any, type: string) => answer.account_data.events.filter((event: any) => event.type === type);
  const ofRoom = (answer: any, room: string, type: string) =>
    (answer.rooms.join[room]?.account_data.events ?? []).filter((event: any) => event.type === type);

  describe('global account data', () => {
    it('is given back, told by sync, and replaced', async () => {
      const { next_batch: since } = await alice.sync();
      for (const value of ['first', 'second']) {
        await alice.call('setAccountData', { ...own(alice, { type: 'test.key' }), body: { value } });
        expect(await alice.call('getAccountData', own(alice, { type: 'test.key' }))).toEqual({ value });
      }
      expect(global(await alice.sync({ since }), 'test.key')).toEqual([
        { type: 'test.key', content: { value: 'second' } },
      ]);
      expect(global(await alice.sync(), 'test.key')).toEqual([{ type: 'test.key', content: { value: 'second' } }]);
      expect(global(await alice.sync({ since: alice.nextBatch! }), 'test.key')).toEqual([]);
    });

    it('wakes a long poll, and only its owner', async () => {
      await alice.sync();
      const waiting = alice.syncUntil((answer) => global(answer, 'wake').length > 0);
      await alice.call('setAccountData', { ...own(alice, { type: 'wake' }), body: { up: true } });
      expect(global(await waiting, 'wake')[0].content).toEqual({ up: true });
      expect(global(await bob.sync(), 'wake')).toEqual([]);
    });

    it('keeps strange names and values', async () => {
      const content = { __proto__x: 1, constructor: { '': [null, 'é\u{1F600}\u0000', -0.5] } };
      await alice.call('setAccountData', { ...own(alice, { type: 'ä/☃ "x"' }), body: content });
      expect(await alice.call('getAccountData', own(alice, { type: 'ä/☃ "x"' }))).toEqual(content);
    });

    it('obeys the filter', async () => {
      await alice.call('setAccountData', { ...own(alice, { type: 'a.filtered' }), body: {} });
      const answer = await alice.sync({ filter: { account_data: { types: ['a.*'] } } });
      expect(answer.account_data.events.map((event: any) => event.type)).toEqual(['a.filtered']);
    });

    it('is refused where it is another user, unknown, or kept by the server', async () => {
      await alice.call('getAccountData', own(bob, { type: 'test.key' }), { expect: 'M_FORBIDDEN' });
      await alice.call('setAccountData', { ...own(bob, { type: 'test.key' }), body: {} }, { expect: 'M_FORBIDDEN' });
      await alice.call('getAccountData', own(alice, { type: 'nothing' }), { expect: 'M_NOT_FOUND' });
      for (const type of ['m.fully_read', 'm.push_rules']) {
        const refused = await alice.send(
          'setAccountData',
          { ...own(alice, { type }), body: {} },
          { expect: 'M_BAD_JSON' },
        );
        expect(refused.status).toBe(405);
      }
      await alice.call('setAccountData', { ...own(alice, { type: 'x' }), bytes: '[]' }, { expect: 'M_BAD_JSON' });
      await alice.call(
        'setAccountData',
        { ...own(alice, { type: 'x'.repeat(600) }), body: {} },
        { expect: 'M_INVALID_PARAM' },
      );
      await alice.call(
        'setAccountData',
        { ...own(alice, { type: 'x' }), body: { x: 'x'.repeat(600_000) } },
        { expect: 'M_TOO_LARGE' },
      );
    });

    it('shows the push rules', async () => {
      const rules = await alice.call('getAccountData', own(alice, { type: 'm.push_rules' }));
      expect(rules).toEqual(await alice.call('getPushRules'));
    });
  });

  describe('account data of a room', () => {
    it('is given back and told with its room', async () => {
      await alice.sync();
      await alice.call('setAccountDataPerRoom', { ...own(alice, { roomId, type: 'test.key' }), body: { value: 1 } });
      expect(await alice.call('getAccountDataPerRoom', own(alice, { roomId, type: 'test.key' }))).toEqual({ value: 1 });
      const answer = await alice.sync({ since: alice.nextBatch! });
      expect(ofRoom(answer, roomId, 'test.key')).toEqual([{ type: 'test.key', content: { value: 1 } }]);
      expect(ofRoom(await alice.sync(), roomId, 'test.key')).toHaveLength(1);
      expect(global(await alice.sync(), 'test.key')).not.toContainEqual({ type: 'test.key', content: { value: 1 } });
    });

    it('may be about a room that one is not in', async () => {
      const elsewhere = '!elsewhere:example.org';
      await alice.call('setAccountDataPerRoom', { ...own(alice, { roomId: elsewhere, type: 'x' }), body: { a: 1 } });
      expect(await alice.call('getAccountDataPerRoom', own(alice, { roomId: elsewhere, type: 'x' }))).toEqual({ a: 1 });
    });

    it('is refused where it is another user, no room, unknown, or kept by the server', async () => {
      await alice.call('getAccountDataPerRoom', own(bob, { roomId, type: 'x' }), { expect: 'M_FORBIDDEN' });
      await alice.call(
        'setAccountDataPerRoom',
        { ...own(bob, { roomId, type: 'x' }), body: {} },
        { expect: 'M_FORBIDDEN' },
      );
      await alice.call(
        'setAccountDataPerRoom',
        { ...own(alice, { roomId: 'room', type: 'x' }), body: {} },
        { expect: 'M_INVALID_PARAM' },
      );
      await alice.call('getAccountDataPerRoom', own(alice, { roomId: '!none:example.org', type: 'x' }), {
        expect: 'M_NOT_FOUND',
      });
      for (const type of ['m.fully_read', 'm.push_rules']) {
        const refused = await alice.send(
          'setAccountDataPerRoom',
          { ...own(alice, { roomId, type }), body: {} },
          { expect: 'M_BAD_JSON' },
        );
        expect(refused.status).toBe(405);
      }
    });
  });

  describe('tags', () => {
    it('come and go', async () => {
      await alice.sync();
      await alice.call('setRoomTag', { ...own(alice, { roomId, tag: 'm.favourite' }), body: { order: 0.25 } });
      await alice.call('setRoomTag', { ...own(alice, { roomId, tag: 'u.__proto__' }), body: {} });
      const tags = { 'm.favourite': { order: 0.25 }, 'u.__proto__': {} };
      expect(await alice.call('getRoomTags', own(alice, { roomId }))).toEqual({ tags });
      const answer = await alice.sync({ since: alice.nextBatch! });
      expect(ofRoom(answer, roomId, 'm.tag')).toEqual([{ type: 'm.tag', content: { tags } }]);
      await alice.call('deleteRoomTag', own(alice, { roomId, tag: 'm.favourite' }));
      await alice.call('deleteRoomTag', own(alice, { roomId, tag: 'm.favourite' }));
      expect(await alice.call('getRoomTags', own(alice, { roomId }))).toEqual({ tags: { 'u.__proto__': {} } });
      const later = await alice.sync({ since: answer.next_batch });
      expect(ofRoom(later, roomId, 'm.tag')).toEqual([{ type: 'm.tag', content: { tags: { 'u.__proto__': {} } } }]);
    });

    it('survive what clients put into m.tag themselves', async () => {
      const other = await alice.createRoom();
      const content = { tags: { good: { order: '0.5', x: 1 }, bad: 5 } };
      await alice.call('setAccountDataPerRoom', { ...own(alice, { roomId: other, type: 'm.tag' }), body: content });
      expect(await alice.call('getRoomTags', own(alice, { roomId: other }))).toEqual({ tags: { good: { x: 1 } } });
    });

    it('are refused where they are too long, of another user, or on a room one has nothing to do with', async () => {
      await alice.call(
        'setRoomTag',
        { ...own(alice, { roomId, tag: 'é'.repeat(128) }), body: {} },
        { expect: 'M_INVALID_PARAM' },
      );
      await alice.call('setRoomTag', { ...own(bob, { roomId, tag: 'x' }), body: {} }, { expect: 'M_FORBIDDEN' });
      await bob.call('setRoomTag', { ...own(bob, { roomId, tag: 'x' }), body: {} }, { expect: 'M_FORBIDDEN' });
      await bob.call('getRoomTags', own(alice, { roomId }), { expect: 'M_FORBIDDEN' });
      await bob.call('deleteRoomTag', own(alice, { roomId, tag: 'x' }), { expect: 'M_FORBIDDEN' });
      expect(await bob.call('getRoomTags', own(bob, { roomId }))).toEqual({ tags: {} });
    });
  });

  describe('ignored users', () => {
    it('are no longer heard, nor invite', async () => {
      const carol = await server.registerUser('carol');
      const dave = await server.registerUser('dave');
      const room = await carol.createRoom({ preset: 'public_chat' });
      await dave.joinRoom(room);
      await carol.sync();
      const list = (ignored: object) =>
        carol.call('setAccountData', {
          ...own(carol, { type: 'm.ignored_user_list' }),
          body: { ignored_users: ignored },
        });
      await list({ [dave.userId!]: {}, [carol.userId!]: {}, 'not a user': {} });
      await dave.sendText(room, 'unheard');
      const invited = await dave.createRoom({ invite: [carol.userId!] });
      const mine = await carol.sendText(room, 'my own');
      const answer = await carol.sync({ since: carol.nextBatch! });
      expect(answer.rooms.join[room].timeline.events.map((event: any) => event.event_id)).toEqual([mine]);
      expect(answer.rooms.invite?.[invited]).toBeUndefined();
      await list({});
      const heard = await dave.sendText(room, 'heard');
      const later = await carol.sync({ since: answer.next_batch });
      expect(later.rooms.join[room].timeline.events.map((event: any) => event.event_id)).toEqual([heard]);
    });

    it('may be many, but not without end', async () => {
      const many = Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`@u${i}:example.org`, {}]));
      const body = { ignored_users: many };
      await bob.call(
        'setAccountData',
        { ...own(bob, { type: 'm.ignored_user_list' }), body },
        { expect: 'M_TOO_LARGE' },
      );
      await bob.call('getAccountData', own(bob, { type: 'm.ignored_user_list' }), { expect: 'M_NOT_FOUND' });
    });
  });

  it('the settings of a device (MSC3890) go with it, where the flag is set', async () => {
    for (const isSet of [true, false]) {
      const flags = isSet ? { msc3391_enabled: true, msc3890_enabled: true } : {};
      const flagged = await start({ config: { experimental_features: flags } });
      const eve = await flagged.registerUser('eve');
      const phone = await flagged.client().login('eve');
      const settings = own(eve, { type: `org.matrix.msc3890.local_notification_settings.${phone.deviceId}` });
      await eve.call('setAccountData', { ...settings, body: { is_silenced: true } });
      await phone.call('logout', {});
      await eve.call('getAccountData', settings, isSet ? { expect: 'M_NOT_FOUND' } : {});
    }
  });

  describe('deleting account data (MSC3391)', () => {
    it('is served where the flag is set only', async () => {
      await alice.call(deleteAccountData, own(alice, { type: 'x' }), { expect: 'M_UNRECOGNIZED' });
      await alice.call(deleteAccountDataPerRoom, own(alice, { roomId, type: 'x' }), { expect: 'M_UNRECOGNIZED' });
      await alice.call('setAccountData', { ...own(alice, { type: 'emptied' }), body: {} });
      expect(await alice.call('getAccountData', own(alice, { type: 'emptied' }))).toEqual({});
    });

    it('leaves an empty event for those who knew the data, and nothing for others', async () => {
      const flagged = await start({ config: { experimental_features: { msc3391_enabled: true } } });
      const eve = await flagged.registerUser('eve');
      const room = await eve.createRoom();
      const put = (content: object) => [
        eve.call('setAccountData', { ...own(eve, { type: 'x' }), body: content }),
        eve.call('setAccountDataPerRoom', { ...own(eve, { roomId: room, type: 'x' }), body: content }),
      ];
      const ways = [
        () => Promise.all(put({})),
        async () => {
          await eve.call(deleteAccountData, own(eve, { type: 'x' }));
          await eve.call(deleteAccountDataPerRoom, own(eve, { roomId: room, type: 'x' }));
        },
      ];
      for (const remove of ways) {
        await Promise.all(put({ a: 1 }));
        await eve.sync();
        await remove();
        const answer = await eve.sync({ since: eve.nextBatch! });
        expect(global(answer, 'x')).toEqual([{ type: 'x', content: {} }]);
        expect(ofRoom(answer, room, 'x')).toEqual([{ type: 'x', content: {} }]);
        await eve.call('getAccountData', own(eve, { type: 'x' }), { expect: 'M_NOT_FOUND' });
        await eve.call('getAccountDataPerRoom', own(eve, { roomId: room, type: 'x' }), { expect: 'M_NOT_FOUND' });
        const initial = await eve.sync();
        expect([...global(initial, 'x'), ...ofRoom(initial, room, 'x')]).toEqual([]);
      }
      await eve.call(deleteAccountData, own(eve, { type: 'm.push_rules' }), { expect: 'M_BAD_JSON' });
      await eve.call(deleteAccountData, { params: { userId: '@other:x', type: 'x' } }, { expect: 'M_FORBIDDEN' });
      await eve.call(deleteAccountDataPerRoom, own(eve, { roomId: 'x', type: 'x' }), { expect: 'M_INVALID_PARAM' });
      await eve.call(deleteAccountData, own(eve, { type: 'never set' }));
    });
  });
});
