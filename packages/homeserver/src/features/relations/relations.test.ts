import { describeServers, type Json, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';

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

  const inThread = (root: string, body: string): object => ({
    msgtype: 'm.text',
    body,
    'm.relates_to': { rel_type: 'm.thread', event_id: root },
  });
  const edit = (eventId: string, body: string): object => ({
    msgtype: 'm.text',
    body: `* ${body}`,
    'm.new_content': { msgtype: 'm.text', body },
    'm.relates_to': { rel_type: 'm.replace', event_id: eventId },
  });
  const reaction = (eventId: string, key: string): object => ({
    'm.relates_to': { rel_type: 'm.annotation', event_id: eventId, key },
  });
  const ids = (answer: Json): string[] => answer.chunk.map((event: Json) => event.event_id);

  test('events that relate to one are found by relation and type, page by page', async () => {
    const eventId = await alice.sendText(roomId, 'root');
    const thread = [];
    for (let count = 0; count < 5; count += 1) {
      thread.push(await bob.sendEvent(roomId, 'm.room.message', inThread(eventId, `reply ${count}`)));
    }
    const liked = await bob.sendEvent(roomId, 'm.reaction', reaction(eventId, '👍'));
    const params = { roomId, eventId };

    expect(ids(await alice.call('getRelatingEvents', { params }))).toEqual([liked, ...thread.toReversed()]);
    expect(ids(await alice.call('getRelatingEvents', { params, query: { dir: 'f' } }))).toEqual([...thread, liked]);
    const relType = 'm.annotation';
    expect(ids(await alice.call('getRelatingEventsWithRelType', { params: { ...params, relType } }))).toEqual([liked]);
    const typed = { ...params, relType: 'm.thread', eventType: 'm.room.message' };
    expect(ids(await alice.call('getRelatingEventsWithRelTypeAndEventType', { params: typed }))).toHaveLength(5);
    const other = { ...typed, eventType: 'm.sticker' };
    expect(ids(await alice.call('getRelatingEventsWithRelTypeAndEventType', { params: other }))).toEqual([]);

    const seen: string[] = [];
    let from: string | undefined;
    do {
      const page = await alice.call('getRelatingEvents', { params, query: { limit: 2, from } });
      expect(page.chunk.length).toBeLessThanOrEqual(2);
      seen.push(...ids(page));
      from = page.next_batch;
    } while (from !== undefined);
    expect(seen).toEqual([liked, ...thread.toReversed()]);
  });

  test('an edit by its author is bundled, one by somebody else is not', async () => {
    const eventId = await alice.sendText(roomId, 'frist');
    await bob.sendEvent(roomId, 'm.room.message', edit(eventId, 'hijacked'));
    const params = { roomId, eventId };
    const before = await bob.call('getOneRoomEvent', { params });
    expect(before.unsigned?.['m.relations']?.['m.replace']).toBeUndefined();
    await alice.sendEvent(roomId, 'm.room.message', edit(eventId, 'first'));
    const last = await alice.sendEvent(roomId, 'm.room.message', edit(eventId, 'the first'));
    const after = await bob.call('getOneRoomEvent', { params });
    expect(after.unsigned['m.relations']['m.replace'].event_id).toBe(last);
    expect(after.content.body).toBe('frist');
  });

  test('a reaction counts once for each user and key', async () => {
    const eventId = await alice.sendText(roomId, 'nice');
    await bob.sendEvent(roomId, 'm.reaction', reaction(eventId, '👍'));
    await bob.sendEvent(roomId, 'm.reaction', reaction(eventId, '🎉'));
    const params = { roomId, eventType: 'm.reaction', txnId: 'again' };
    await bob.call('sendMessage', { params, body: reaction(eventId, '👍') }, { expect: 'M_DUPLICATE_ANNOTATION' });
    await alice.sendEvent(roomId, 'm.reaction', reaction(eventId, '👍'));
  });

  describe('threads', () => {
    test('are listed by their newest event, with a summary at the root', async () => {
      const [first, second] = [await alice.sendText(roomId, 'one'), await alice.sendText(roomId, 'two')];
      await bob.sendEvent(roomId, 'm.room.message', inThread(first, 'a'));
      await bob.sendEvent(roomId, 'm.room.message', inThread(second, 'b'));
      const newest = await alice.sendEvent(roomId, 'm.room.message', inThread(first, 'c'));
      const answer = await alice.call('getThreadRoots', { params: { roomId } });
      expect(ids(answer)).toEqual([first, second]);
      const summary = answer.chunk[0].unsigned['m.relations']['m.thread'];
      expect(summary).toMatchObject({ count: 2, current_user_participated: true, latest_event: { event_id: newest } });
      const ofBob = await bob.call('getThreadRoots', { params: { roomId }, query: { include: 'participated' } });
      expect(ids(ofBob)).toEqual([first, second]);
      const page = await alice.call('getThreadRoots', { params: { roomId }, query: { limit: 1 } });
      expect(ids(page)).toEqual([first]);
      const more = await alice.call('getThreadRoots', {
        params: { roomId },
        query: { limit: 1, from: page.next_batch },
      });
      expect(ids(more)).toEqual([second]);
    });

    test('can be asked for by those who took part', async () => {
      const root = await alice.sendText(roomId, 'between us');
      await alice.sendEvent(roomId, 'm.room.message', inThread(root, 'myself'));
      const carol = await server.registerUser(
        `carol-${roomId
          .slice(1, 9)
          .toLowerCase()
          .replaceAll(/[^a-z0-9]/g, 'x')}`,
      );
      await carol.joinRoom(roomId);
      const query = { include: 'participated' };
      expect(ids(await carol.call('getThreadRoots', { params: { roomId }, query }))).toEqual([]);
    });
  });

  test('are not shown to those outside of the room', async () => {
    const mallory = await server.registerUser(`mallory-${bob.nextTransaction()}`);
    const eventId = await alice.sendText(roomId, 'secret');
    await alice.sendEvent(roomId, 'm.room.message', inThread(eventId, 'more'));
    const answers = [
      await mallory.send('getRelatingEvents', { params: { roomId, eventId } }, { expect: 'any' }),
      await mallory.send('getThreadRoots', { params: { roomId } }, { expect: 'any' }),
    ];
    expect(answers.map((answer) => answer.status)).toEqual([403, 403]);
  });

  test('go with a redacted event', async () => {
    const eventId = await alice.sendText(roomId, 'root');
    const reply = await bob.sendEvent(roomId, 'm.room.message', inThread(eventId, 'reply'));
    await bob.call('redactEvent', { params: { roomId, eventId: reply, txnId: 'r' }, body: {} });
    expect(ids(await alice.call('getRelatingEvents', { params: { roomId, eventId } }))).toEqual([]);
  });
});
