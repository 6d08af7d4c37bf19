import { describeServers, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';

describeServers((start) => {
  let server: TestServer;
  let alice: TestClient;
  let bob: TestClient;
  let roomId: string;
  beforeAll(async () => {
    server = await start();
    alice = await server.registerUser('alice');
    bob = await server.registerUser('bob');
  });
  beforeEach(async () => {
    roomId = await alice.createRoom({ preset: 'public_chat' });
    await bob.joinRoom(roomId);
  });
  const byThread = { room: { timeline: { unread_thread_notifications: true } } };
  const unread = async (client: TestClient, filter?: object): Promise<any> => {
    const options = filter === undefined ? {} : { filter };
    const section = (answer: any) => ({
      main: answer.rooms.join[roomId].unread_notifications,
      threads: answer.rooms.join[roomId].unread_thread_notifications,
    });
    return section(await client.sync(options));
  };
  const counts = (notifications: number, highlights: number) => ({
    notification_count: notifications,
    highlight_count: highlights,
  });
  const expectUnread = async (client: TestClient, notifications: number, highlights: number) =>
    expect((await unread(client)).main).toEqual(counts(notifications, highlights));
  const read = (client: TestClient, eventId: string, threadId?: string, receiptType = 'm.read') =>
    client.call('postReceipt', {
      params: { roomId, receiptType, eventId },
      body: threadId === undefined ? {} : { thread_id: threadId },
    });
  const reply = (client: TestClient, root: string, body: string) =>
    client.sendEvent(roomId, 'm.room.message', {
      msgtype: 'm.text',
      body,
      'm.relates_to': { rel_type: 'm.thread', event_id: root },
    });

  describe('unread counts', () => {
    it('grow with messages and mentions, and end with a receipt', async () => {
      await expectUnread(bob, 0, 0);
      await alice.sendText(roomId, 'hello');
      await expectUnread(bob, 1, 0);
      const mention = await alice.sendText(roomId, 'hello Bob');
      await expectUnread(bob, 2, 1);
      await alice.sendEvent(roomId, 'm.room.message', {
        msgtype: 'm.text',
        body: 'x',
        'm.mentions': { user_ids: [bob.userId] },
      });
      await expectUnread(bob, 3, 2);
      await alice.sendEvent(roomId, 'm.room.message', { msgtype: 'm.notice', body: 'bob' });
      await alice.sendState(roomId, 'm.room.topic', { topic: 'bob' });
      await alice.sendEvent(roomId, 'm.reaction', {
        'm.relates_to': { rel_type: 'm.annotation', event_id: mention, key: 'x' },
      });
      await expectUnread(bob, 3, 2);
      await expectUnread(alice, 0, 0);
      await read(bob, mention);
      await expectUnread(bob, 1, 1);
      await read(bob, await alice.sendText(roomId, 'last'));
      await expectUnread(bob, 0, 0);
    });

    it('come in the same answer as the event', async () => {
      await bob.sync();
      const waiting = bob.syncUntil((answer) => answer.rooms?.join?.[roomId]?.timeline.events.length > 0);
      await alice.sendText(roomId, 'bob!');
      expect((await waiting).rooms.join[roomId].unread_notifications).toEqual(counts(1, 1));
    });

    it('end with private receipts too, and the receipt that is ahead counts', async () => {
      const first = await alice.sendText(roomId, '1');
      const second = await alice.sendText(roomId, '2');
      await alice.sendText(roomId, '3');
      await read(bob, second, undefined, 'm.read.private');
      await expectUnread(bob, 1, 0);
      await read(bob, first);
      await expectUnread(bob, 1, 0);
    });

    it('end with what one says oneself, but not with a new display name', async () => {
      await alice.sendText(roomId, 'one');
      await bob.sendText(roomId, 'answer');
      await expectUnread(bob, 0, 0);
      await alice.sendText(roomId, 'two');
      await expectUnread(bob, 1, 0);
      await bob.sendState(roomId, 'm.room.member', { membership: 'join', displayname: 'Robert' }, bob.userId!);
      await expectUnread(bob, 1, 0);
      await alice.sendText(roomId, 'hello Robert');
      await expectUnread(bob, 2, 1);
    });

    it('begin when one joins, and again when one comes back', async () => {
      await alice.sendText(roomId, 'bob is here');
      const carol = await server.registerUser('carol');
      await carol.joinRoom(roomId);
      await expectUnread(carol, 0, 0);
      await alice.sendText(roomId, 'carol is here');
      await expectUnread(carol, 1, 1);
      await carol.leaveRoom(roomId);
      await alice.sendText(roomId, 'carol is gone');
      await carol.joinRoom(roomId);
      await expectUnread(carol, 0, 0);
    });

    it('go down when a message is redacted', async () => {
      await bob.sync();
      const eventId = await alice.sendText(roomId, 'hello bob');
      await alice.sendText(roomId, 'bob?');
      await expectUnread(bob, 2, 2);
      await alice.call('redactEvent', { params: { roomId, eventId, txnId: 'r' }, body: {} });
      await expectUnread(bob, 1, 1);
      const late = await bob.login('bob');
      await expectUnread(late, 1, 1);
    });

    it('follow the rules of the user, also when they change', async () => {
      await alice.sendText(roomId, 'hello bob');
      await expectUnread(bob, 1, 1);
      const rule = { params: { kind: 'room', ruleId: roomId } };
      const override = { params: { kind: 'override', ruleId: 'mute' } };
      const conditions = [{ kind: 'event_match', key: 'room_id', pattern: roomId }];
      await bob.call('setPushRule', { ...override, body: { actions: [], conditions } });
      await expectUnread(bob, 0, 0);
      await alice.sendText(roomId, 'hello bob');
      await expectUnread(bob, 0, 0);
      await bob.call('deletePushRule', override);
      await bob.call('setPushRule', { ...rule, body: { actions: ['notify'] } });
      await alice.sendText(roomId, 'hello');
      await expectUnread(bob, 3, 2);
      await bob.call('deletePushRule', rule);
    });

    it('leave out users who are ignored', async () => {
      const dave = await server.registerUser('dave');
      await dave.joinRoom(roomId);
      await alice.sendText(roomId, 'bob');
      await expectUnread(dave, 1, 0);
      const ignored = { params: { userId: dave.userId!, type: 'm.ignored_user_list' } };
      await dave.call('setAccountData', { ...ignored, body: { ignored_users: { [alice.userId!]: {} } } });
      await alice.sendText(roomId, 'dave');
      await expectUnread(dave, 0, 0);
    });

    it('know who may notify the room', async () => {
      await bob.sync();
      const content = { msgtype: 'm.text', body: 'all', 'm.mentions': { room: true } };
      const carol = await server.registerUser('carol2');
      await carol.joinRoom(roomId);
      await carol.sendEvent(roomId, 'm.room.message', content);
      await expectUnread(bob, 1, 0);
      await alice.sendEvent(roomId, 'm.room.message', content);
      await expectUnread(bob, 2, 1);
    });

    it('are right after many messages, whether they were followed or not', async () => {
      await bob.sync();
      for (let i = 0; i < 270; i++) await alice.sendText(roomId, i % 10 === 0 ? 'bob' : 'x');
      await expectUnread(bob, 270, 27);
      await bob.call('setPushRuleEnabled', {
        params: { kind: 'override', ruleId: '.m.rule.master' },
        body: { enabled: true },
      });
      await expectUnread(bob, 0, 0);
      await bob.call('setPushRuleEnabled', {
        params: { kind: 'override', ruleId: '.m.rule.master' },
        body: { enabled: false },
      });
      await expectUnread(bob, 270, 27);
    });
  });

  describe('unread counts by thread', () => {
    it('stand apart where the client asks, and are one number where it does not', async () => {
      const root = await alice.sendText(roomId, 'root');
      const first = await reply(alice, root, 'one');
      await reply(alice, root, 'bob');
      const main = await alice.sendText(roomId, 'bob');
      await reply(alice, root, 'three');
      expect(await unread(bob)).toEqual({ main: counts(5, 2), threads: undefined });
      expect(await unread(bob, byThread)).toEqual({ main: counts(2, 1), threads: { [root]: counts(3, 1) } });
      await read(bob, root, 'main');
      await read(bob, first, root);
      expect(await unread(bob, byThread)).toEqual({ main: counts(1, 1), threads: { [root]: counts(2, 1) } });
      await read(bob, main);
      expect(await unread(bob, byThread)).toEqual({ main: counts(0, 0), threads: { [root]: counts(1, 0) } });
      expect(await unread(bob)).toEqual({ main: counts(1, 0), threads: undefined });
      const reaction = await alice.sendEvent(roomId, 'm.reaction', {
        'm.relates_to': { rel_type: 'm.annotation', event_id: first, key: 'x' },
      });
      await read(bob, reaction, root);
      expect(await unread(bob, byThread)).toEqual({ main: counts(0, 0), threads: undefined });
    });

    it('end in a thread with what one says there', async () => {
      const root = await alice.sendText(roomId, 'root');
      await reply(alice, root, 'one');
      await reply(bob, root, 'two');
      expect(await unread(bob, byThread)).toEqual({ main: counts(1, 0), threads: undefined });
      await reply(alice, root, 'three');
      expect(await unread(bob, byThread)).toEqual({ main: counts(1, 0), threads: { [root]: counts(1, 0) } });
    });

    it('follow relations to the thread', async () => {
      const root = await alice.sendText(roomId, 'root');
      const inThread = await reply(alice, root, 'one');
      const related = (to: string) => ({
        body: 'x',
        msgtype: 'm.text',
        'm.relates_to': { rel_type: 'm.reference', event_id: to },
      });
      await alice.sendEvent(roomId, 'm.room.message', related(inThread));
      await alice.sendEvent(roomId, 'm.room.message', related(root));
      expect(await unread(bob, byThread)).toEqual({ main: counts(2, 0), threads: { [root]: counts(2, 0) } });
    });
  });

  describe('notifications', () => {
    const list = (client: TestClient, query: Record<string, string | number> = {}) =>
      client.call('getNotifications', { query });

    it('come newest first, in pages, from all rooms', async () => {
      const erin = await server.registerUser('erin');
      const rooms = [roomId, await alice.createRoom({ preset: 'public_chat' })];
      for (const room of rooms) await erin.joinRoom(room);
      const sent: string[] = [];
      for (let i = 0; i < 7; i++) {
        sent.unshift(await alice.sendText(rooms[i % 2]!, i === 3 ? 'erin' : `m${i}`));
        await alice.sendState(rooms[i % 2]!, 'm.room.topic', { topic: `${i}` });
      }
      await erin.sendText(rooms[1]!, 'my own');
      const { notifications } = await list(erin);
      expect(notifications.map((one: any) => one.event.event_id)).toEqual(sent);
      expect(notifications[0]).toMatchObject({
        room_id: rooms[0],
        read: false,
        ts: notifications[0].event.origin_server_ts,
        actions: ['notify', { set_tweak: 'highlight', value: false }],
      });
      const paged: string[] = [];
      let from: string | undefined;
      do {
        const page = await list(erin, { limit: 3, ...(from === undefined ? {} : { from }) });
        expect(page.notifications.length).toBeLessThanOrEqual(3);
        paged.push(...page.notifications.map((one: any) => one.event.event_id));
        from = page.next_token;
      } while (from !== undefined);
      expect(paged).toEqual(sent);
      const highlights = await list(erin, { only: 'highlight' });
      expect(highlights.notifications.map((one: any) => one.event.event_id)).toEqual([sent[3]]);
    });

    it('say what was read, and leave out what was redacted or is in rooms that were left', async () => {
      const frank = await server.registerUser('frank');
      await frank.joinRoom(roomId);
      const first = await alice.sendText(roomId, 'one');
      const second = await alice.sendText(roomId, 'two');
      const third = await alice.sendText(roomId, 'three');
      await read(frank, first);
      await alice.call('redactEvent', { params: { roomId, eventId: second, txnId: 'r' }, body: {} });
      const { notifications } = await list(frank);
      expect(notifications.map((one: any) => [one.event.event_id, one.read])).toEqual([
        [third, false],
        [first, true],
      ]);
      await frank.leaveRoom(roomId);
      expect(await list(frank)).toEqual({ notifications: [] });
    });

    it('take no tokens of others', async () => {
      await alice.call('getNotifications', { query: { from: 'nonsense' } }, { expect: 'M_INVALID_PARAM' });
      await alice.call('getNotifications', { query: { limit: -1 } }, { expect: 400 });
      await alice.call('getNotifications', { query: { limit: 1_000_000 } });
    });
  });
});
