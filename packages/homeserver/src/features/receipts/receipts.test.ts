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
  const post = (receiptType: string, eventId: string, body: object = {}) => ({
    params: { roomId, receiptType, eventId },
    body,
  });
  const read = (client: TestClient, eventId: string, threadId?: string, receiptType = 'm.read') =>
    client.call('postReceipt', post(receiptType, eventId, threadId === undefined ? {} : { thread_id: threadId }));
  const ephemeral = (answer: any, room = roomId) =>
    (answer.rooms?.join?.[room]?.ephemeral?.events ?? []).filter((event: any) => event.type === 'm.receipt');
  const contentIn = (answer: any) => ephemeral(answer)[0]?.content;
  const reply = (client: TestClient, root: string, body: string, relType = 'm.thread') =>
    client.sendEvent(roomId, 'm.room.message', {
      msgtype: 'm.text',
      body,
      'm.relates_to': { rel_type: relType, event_id: root },
    });

  describe('receipts', () => {
    it('are told to all in the room, in one event, without a room id', async () => {
      const eventId = await alice.sendText(roomId, 'one');
      await bob.sync();
      const waiting = bob.syncUntil((answer) => ephemeral(answer).length > 0);
      await read(alice, eventId);
      const [event] = ephemeral(await waiting);
      expect(Object.keys(event).toSorted()).toEqual(['content', 'type']);
      expect(event.content).toEqual({ [eventId]: { 'm.read': { [alice.userId!]: { ts: expect.any(Number) } } } });
      expect(Object.keys(event.content[eventId]['m.read'][alice.userId!])).toEqual(['ts']);
      await read(bob, eventId);
      const initial = contentIn(await bob.sync());
      expect(Object.keys(initial[eventId]['m.read']).toSorted()).toEqual([alice.userId!, bob.userId!]);
    });

    it('tell what changed only', async () => {
      const first = await alice.sendText(roomId, '1');
      const second = await alice.sendText(roomId, '2');
      await read(alice, first);
      await bob.sync();
      await read(alice, second);
      const answer = await bob.sync({ since: bob.nextBatch! });
      expect(contentIn(answer)).toEqual({ [second]: { 'm.read': { [alice.userId!]: expect.anything() } } });
      expect(ephemeral(await bob.sync({ since: answer.next_batch }))).toEqual([]);
    });

    it('tell of many moves the last one, to all who follow', async () => {
      const sent = [
        await alice.sendText(roomId, '0'),
        await alice.sendText(roomId, '1'),
        await alice.sendText(roomId, '2'),
      ];
      for (const client of [alice, bob]) await client.sync();
      for (const eventId of sent) {
        const { next_batch: since } = await bob.sync();
        await read(alice, eventId);
        expect(contentIn(await bob.sync({ since }))).toEqual({ [eventId]: expect.anything() });
      }
      await read(bob, sent[1]!, undefined, 'm.read.private');
      await read(bob, sent[2]!);
      expect(contentIn(await alice.sync({ since: alice.nextBatch! }))).toEqual({
        [sent[2]!]: { 'm.read': { [alice.userId!]: expect.anything(), [bob.userId!]: expect.anything() } },
      });
      expect(contentIn(await bob.sync({ since: bob.nextBatch! }))).toEqual({
        [sent[1]!]: { 'm.read.private': { [bob.userId!]: expect.anything() } },
        [sent[2]!]: { 'm.read': { [bob.userId!]: expect.anything() } },
      });
    });

    it('never go back', async () => {
      const first = await alice.sendText(roomId, '1');
      const second = await alice.sendText(roomId, '2');
      await read(alice, second);
      await alice.sync();
      await read(alice, first);
      await read(alice, second);
      expect(ephemeral(await alice.sync({ since: alice.nextBatch! }))).toEqual([]);
      expect(contentIn(await alice.sync())).toEqual({ [second]: expect.anything() });
    });

    it('that are private are told to their owner only', async () => {
      const eventId = await alice.sendText(roomId, 'private');
      await Promise.all([alice.sync(), bob.sync()]);
      await read(alice, eventId, undefined, 'm.read.private');
      expect(contentIn(await alice.sync({ since: alice.nextBatch! }))).toEqual({
        [eventId]: { 'm.read.private': { [alice.userId!]: { ts: expect.any(Number) } } },
      });
      expect(ephemeral(await bob.sync({ since: bob.nextBatch! }))).toEqual([]);
      expect(ephemeral(await bob.sync())).toEqual([]);
      expect(ephemeral(await alice.sync())).toHaveLength(1);
    });

    it('obey the filter of a sync', async () => {
      await read(alice, await alice.sendText(roomId, 'x'));
      const answer = await alice.sync({ filter: { room: { ephemeral: { not_types: ['m.receipt'] } } } });
      expect(ephemeral(answer)).toEqual([]);
    });

    it('are refused for events of other rooms, unknown or unseen ones, and for rooms one is not in', async () => {
      const other = await alice.createRoom();
      const elsewhere = await alice.sendText(other, 'elsewhere');
      await alice.call('postReceipt', post('m.read', elsewhere), { expect: 'M_NOT_FOUND' });
      await alice.call('postReceipt', post('m.read', '$none'), { expect: 'M_NOT_FOUND' });
      await bob.call(
        'postReceipt',
        { params: { roomId: other, receiptType: 'm.read', eventId: elsewhere }, body: {} },
        { expect: 'M_FORBIDDEN' },
      );
      await alice.call(
        'postReceipt',
        { params: { roomId: '!none:x', receiptType: 'm.read', eventId: '$x' }, body: {} },
        { expect: 'M_FORBIDDEN' },
      );
      const hidden = await alice.createRoom({
        preset: 'public_chat',
        initial_state: [
          { type: 'm.room.history_visibility', state_key: '', content: { history_visibility: 'joined' } },
        ],
      });
      const unseen = await alice.sendText(hidden, 'before bob came');
      await bob.joinRoom(hidden);
      await bob.call(
        'postReceipt',
        { params: { roomId: hidden, receiptType: 'm.read', eventId: unseen }, body: {} },
        { expect: 'M_NOT_FOUND' },
      );
    });

    it('are refused in other forms', async () => {
      const eventId = await alice.sendText(roomId, 'x');
      await alice.call('postReceipt', post('m.seen', eventId), { expect: 400 });
      await alice.call('postReceipt', post('m.read', eventId, { thread_id: '' }), { expect: 400 });
      await alice.call('postReceipt', post('m.read', eventId, { thread_id: 5 }), { expect: 400 });
      await alice.call('postReceipt', post('m.fully_read', eventId, { thread_id: 'main' }), {
        expect: 'M_INVALID_PARAM',
      });
    });
  });

  describe('threaded receipts', () => {
    it('stand beside unthreaded ones', async () => {
      const root = await alice.sendText(roomId, 'root');
      const answered = await reply(alice, root, 'reply');
      const last = await alice.sendText(roomId, 'main');
      await read(bob, root, 'main');
      await read(bob, answered, root);
      await read(bob, last);
      expect(contentIn(await bob.sync())).toEqual({
        [root]: { 'm.read': { [bob.userId!]: { ts: expect.any(Number), thread_id: 'main' } } },
        [answered]: { 'm.read': { [bob.userId!]: { ts: expect.any(Number), thread_id: root } } },
        [last]: { 'm.read': { [bob.userId!]: { ts: expect.any(Number) } } },
      });
    });

    it('give way to an unthreaded one for the same event', async () => {
      const root = await alice.sendText(roomId, 'root');
      const answered = await reply(alice, root, 'reply');
      await read(alice, answered);
      await read(alice, answered, root);
      expect(contentIn(await alice.sync())[answered]['m.read'][alice.userId!].thread_id).toBeUndefined();
    });

    it('are refused where the event is not of the thread', async () => {
      const root = await alice.sendText(roomId, 'root');
      const inThread = await reply(alice, root, 'in the thread');
      const reaction = await alice.sendEvent(roomId, 'm.reaction', {
        'm.relates_to': { rel_type: 'm.annotation', event_id: inThread, key: 'x' },
      });
      const reference = await reply(alice, root, 'reference', 'm.reference');
      const outside = await alice.sendText(roomId, 'outside');
      for (const eventId of [root, inThread, reaction, reference]) await read(bob, eventId, root);
      for (const eventId of [root, reference, outside]) await read(bob, eventId, 'main');
      for (const [eventId, thread] of [
        [outside, root],
        [inThread, 'main'],
        [reaction, 'main'],
        [inThread, inThread],
        [outside, outside],
        [outside, '$none'],
      ] as const) {
        await bob.call('postReceipt', post('m.read', eventId, { thread_id: thread }), { expect: 'M_INVALID_PARAM' });
      }
    });
  });

  describe('read markers', () => {
    const marker = (answer: any) =>
      (answer.rooms?.join?.[roomId]?.account_data?.events ?? []).find((event: any) => event.type === 'm.fully_read')
        ?.content;
    const mark = (client: TestClient, body: object) => client.call('setReadMarker', { params: { roomId }, body });

    it('move the marker and receipts together', async () => {
      const [one, two, three] = [
        await alice.sendText(roomId, '1'),
        await alice.sendText(roomId, '2'),
        await alice.sendText(roomId, '3'),
      ];
      await bob.sync();
      await mark(bob, { 'm.fully_read': one, 'm.read': two, 'm.read.private': three });
      const answer = await bob.sync({ since: bob.nextBatch! });
      expect(marker(answer)).toEqual({ event_id: one });
      expect(contentIn(answer)).toEqual({
        [two]: { 'm.read': expect.anything() },
        [three]: { 'm.read.private': expect.anything() },
      });
      const params = { userId: bob.userId!, roomId, type: 'm.fully_read' };
      expect(await bob.call('getAccountDataPerRoom', { params })).toEqual({ event_id: one });
    });

    it('never go back', async () => {
      const [one, two] = [await alice.sendText(roomId, '1'), await alice.sendText(roomId, '2')];
      await mark(bob, { 'm.fully_read': two });
      await mark(bob, { 'm.fully_read': one });
      expect(marker(await bob.sync())).toEqual({ event_id: two });
    });

    it('can be moved as receipts are', async () => {
      const eventId = await alice.sendText(roomId, 'x');
      await bob.call('postReceipt', post('m.fully_read', eventId));
      expect(marker(await bob.sync())).toEqual({ event_id: eventId });
      expect(ephemeral(await bob.sync())).toEqual([]);
    });

    it('change nothing where there is nothing to move, or one of the events is wrong', async () => {
      const eventId = await alice.sendText(roomId, 'x');
      await bob.sync();
      await mark(bob, {});
      await mark(bob, { 'm.read': '', 'm.fully_read': null });
      await bob.call(
        'setReadMarker',
        { params: { roomId }, body: { 'm.read': eventId, 'm.fully_read': '$none' } },
        { expect: 'M_NOT_FOUND' },
      );
      await bob.call('setReadMarker', { params: { roomId }, body: { 'm.read': 5 } }, { expect: 400 });
      const answer = await bob.sync({ since: bob.nextBatch! });
      expect([marker(answer), ...ephemeral(answer)]).toEqual([undefined]);
      const carol = await server.registerUser('carol');
      await carol.call('setReadMarker', { params: { roomId }, body: {} }, { expect: 'M_FORBIDDEN' });
    });
  });
});
