import { describeServers, type Json, type TestClient, type TestServer } from '@myelin/testkit';
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

  const relate = (
    client: TestClient,
    parent: string,
    relType: string,
    more: object = {},
    room = roomId,
    type = 'm.room.message',
  ): Promise<string> =>
    client.sendEvent(room, type, {
      msgtype: 'm.text',
      body: '* x',
      'm.relates_to': { rel_type: relType, event_id: parent },
      ...more,
    });
  const edit = (client: TestClient, parent: string, body: string, room = roomId): Promise<string> =>
    relate(client, parent, 'm.replace', { body: `* ${body}`, 'm.new_content': { msgtype: 'm.text', body } }, room);
  const react = (client: TestClient, parent: string, key: unknown, expectation = {}): Promise<Json> =>
    client.call(
      'sendMessage',
      {
        params: { roomId, eventType: 'm.reaction', txnId: client.nextTransaction() },
        body: { 'm.relates_to': { rel_type: 'm.annotation', event_id: parent, key } },
      },
      expectation,
    );
  const redact = (client: TestClient, eventId: string): Promise<Json> =>
    client.call('redactEvent', { params: { roomId, eventId, txnId: client.nextTransaction() }, body: {} });
  const eventOf = (client: TestClient, eventId: string, room = roomId): Promise<Json> =>
    client.call('getOneRoomEvent', { params: { roomId: room, eventId } });
  const relationsOf = async (client: TestClient, eventId: string): Promise<Json> =>
    (await eventOf(client, eventId)).unsigned['m.relations'];
  const children = (
    client: TestClient,
    eventId: string,
    query: Record<string, string | number | boolean> = {},
    expectation = {},
  ): Promise<Json> => client.call('getRelatingEvents', { params: { roomId, eventId }, query }, expectation);
  const ids = (answer: Json): string[] => answer.chunk.map((event: Json) => event.event_id);

  describe('edits', () => {
    it('tell the newest one with the event, whose own content stays', async () => {
      const original = await alice.sendText(roomId, 'first');
      await edit(alice, original, 'second');
      const last = await edit(alice, original, 'third');
      const event = await eventOf(bob, original);
      expect(event.content.body).toBe('first');
      expect(event.unsigned['m.relations']['m.replace']).toMatchObject({
        event_id: last,
        content: { 'm.new_content': { body: 'third' } },
        room_id: roomId,
      });
      const { chunk } = await bob.call('getRoomEvents', { params: { roomId }, query: { dir: 'b', limit: 3 } });
      expect(chunk[2]).toMatchObject({
        event_id: original,
        unsigned: { 'm.relations': { 'm.replace': { event_id: last } } },
      });
      await redact(alice, last);
      expect((await relationsOf(bob, original))['m.replace'].content['m.new_content'].body).toBe('second');
    });

    it('are none if they are of somebody else, another type, no new content, or edits of edits', async () => {
      const original = await alice.sendText(roomId, 'mine');
      await edit(bob, original, 'not yours');
      await relate(alice, original, 'm.replace', { 'm.new_content': { body: 'x' } }, roomId, 'org.example.other');
      await relate(alice, original, 'm.replace');
      expect(await relationsOf(bob, original)).toBeUndefined();
      const valid = await edit(alice, original, 'mine still');
      await edit(alice, valid, 'an edit of an edit');
      expect(await relationsOf(bob, valid)).toBeUndefined();
      const state = await alice.sendState(roomId, 'm.room.topic', { topic: 'x' });
      await relate(alice, state, 'm.replace', { 'm.new_content': { topic: 'y' } }, roomId, 'm.room.topic.not');
      expect(await relationsOf(bob, state)).toBeUndefined();
    });

    it('of encrypted events have their new content inside', async () => {
      const original = await alice.sendEvent(roomId, 'm.room.encrypted', { ciphertext: 'a' });
      const replacement = await alice.sendEvent(roomId, 'm.room.encrypted', {
        ciphertext: 'b',
        'm.relates_to': { rel_type: 'm.replace', event_id: original },
      });
      expect((await relationsOf(bob, original))['m.replace'].event_id).toBe(replacement);
    });

    it('go with a redacted event; what refers to it stays', async () => {
      const original = await alice.sendText(roomId, 'first');
      await edit(alice, original, 'second');
      const reference = await relate(bob, original, 'm.reference');
      await redact(alice, original);
      expect(await relationsOf(bob, original)).toEqual({ 'm.reference': { chunk: [{ event_id: reference }] } });
    });
  });

  describe('references', () => {
    it('are listed until they are redacted, without those of ignored users', async () => {
      const original = await alice.sendText(roomId, 'here');
      const [first, second] = [
        await relate(bob, original, 'm.reference'),
        await relate(alice, original, 'm.reference'),
      ];
      expect((await relationsOf(bob, original))['m.reference']).toEqual({
        chunk: [{ event_id: first }, { event_id: second }],
      });
      await redact(bob, first!);
      expect((await relationsOf(bob, original))['m.reference']).toEqual({ chunk: [{ event_id: second }] });
      const quiet = await server.registerUser(`quiet${Date.now()}`);
      await quiet.joinRoom(roomId);
      await ignore(quiet, alice);
      const ofBob = await bob.sendText(roomId, 'there');
      await relate(alice, ofBob, 'm.reference');
      expect(await relationsOf(quiet, ofBob)).toBeUndefined();
      expect(ids(await children(quiet, ofBob))).toEqual([]);
    });
  });

  const ignore = (client: TestClient, other: TestClient): Promise<Json> =>
    client.call('setAccountData', {
      params: { userId: client.userId!, type: 'm.ignored_user_list' },
      body: { ignored_users: { [other.userId!]: {} } },
    });

  describe('reactions', () => {
    it('are given once each, and again after taking them back', async () => {
      const original = await alice.sendText(roomId, 'like this');
      const { event_id: first } = await react(bob, original, '👍');
      await react(bob, original, '👍', { expect: 'M_DUPLICATE_ANNOTATION' });
      await react(bob, original, '👎');
      await react(alice, original, '👍');
      await redact(bob, first);
      await react(bob, original, '👍');
      // They aren't told with the event.
      expect(await relationsOf(alice, original)).toBeUndefined();
    });

    it('have a key', async () => {
      const original = await alice.sendText(roomId, 'like this');
      for (const key of [undefined, 5, 'x'.repeat(501)]) await react(bob, original, key, { expect: 'M_BAD_JSON' });
      await react(bob, original, 'x'.repeat(500));
    });
  });

  describe('events that relate to an event', () => {
    it('come in pages, both ways', async () => {
      const original = await alice.sendText(roomId, 'root');
      const all: string[] = [];
      for (let i = 0; i < 7; i++) {
        all.push(await relate(i % 2 ? alice : bob, original, 'm.reference'));
        await alice.sendText(roomId, 'between');
      }
      for (const dir of ['b', 'f']) {
        const seen: string[] = [];
        let from: string | undefined;
        do {
          const answer: Json = await children(bob, original, { limit: 3, dir, ...(from ? { from } : {}) });
          expect(answer.prev_batch).toBe(from);
          seen.push(...ids(answer));
          from = answer.next_batch;
        } while (from);
        expect(seen).toEqual(dir === 'b' ? all.toReversed() : all);
      }
      expect(ids(await children(bob, original, { limit: 100 }))).toEqual(all.toReversed());
      expect(ids(await children(bob, original)).length).toBe(5);
      const { next_batch: middle } = await children(bob, original, { limit: 3 });
      expect(ids(await children(bob, original, { to: middle, limit: 100 }))).toEqual(all.toReversed().slice(0, 3));
      await children(bob, original, { from: 'nonsense' }, { expect: 'M_INVALID_PARAM' });
      await children(bob, original, { to: 'nonsense' }, { expect: 'M_INVALID_PARAM' });
      await children(bob, original, { dir: 'x' }, { expect: 'M_INVALID_PARAM' });
    });

    it('take tokens of sync and messages', async () => {
      const original = await alice.sendText(roomId, 'root');
      const first = await relate(alice, original, 'm.reference');
      const { next_batch: synced } = await alice.sync();
      const second = await relate(alice, original, 'm.reference');
      expect(ids(await children(bob, original, { from: synced }))).toEqual([first]);
      expect(ids(await children(bob, original, { to: synced }))).toEqual([second]);
      const { start: newest } = await alice.call('getRoomEvents', { params: { roomId }, query: { dir: 'b' } });
      expect(ids(await children(bob, original, { from: newest }))).toEqual([second, first]);
    });

    it('can be asked for by kind', async () => {
      const original = await alice.sendText(roomId, 'root');
      const reference = await relate(alice, original, 'm.reference');
      const reaction = (await react(bob, original, 'x')).event_id;
      const own = await relate(alice, original, 'org.example.own', {}, roomId, 'org.example.event');
      const params = { roomId, eventId: original };
      const byType = async (relType: string): Promise<string[]> =>
        ids(await bob.call('getRelatingEventsWithRelType', { params: { ...params, relType } }));
      expect(await byType('m.reference')).toEqual([reference]);
      expect(await byType('m.annotation')).toEqual([reaction]);
      const byBoth = async (relType: string, eventType: string): Promise<string[]> =>
        ids(await bob.call('getRelatingEventsWithRelTypeAndEventType', { params: { ...params, relType, eventType } }));
      expect(await byBoth('org.example.own', 'org.example.event')).toEqual([own]);
      expect(await byBoth('org.example.own', 'm.room.message')).toEqual([]);
      expect(ids(await children(bob, original))).toEqual([own, reaction, reference]);
      const stranger = await server.registerUser(`stranger${Date.now()}`);
      await stranger.call(
        'getRelatingEventsWithRelType',
        { params: { ...params, relType: 'm.reference' } },
        { expect: 'M_FORBIDDEN' },
      );
      await stranger.call(
        'getRelatingEventsWithRelTypeAndEventType',
        { params: { ...params, relType: 'm.reference', eventType: 'x' } },
        { expect: 'M_FORBIDDEN' },
      );
      await children(stranger, original, {}, { expect: 'M_FORBIDDEN' });
    });

    it('are followed further if that is wanted', async () => {
      const chain = [await alice.sendText(roomId, 'root')];
      for (let i = 0; i < 4; i++) chain.push(await relate(alice, chain.at(-1)!, 'm.reference'));
      expect(ids(await children(bob, chain[0]!))).toEqual([chain[1]]);
      const answer = await children(bob, chain[0]!, { recurse: true, limit: 50 });
      expect(answer.recursion_depth).toBe(3);
      expect(ids(answer)).toEqual([chain[3], chain[2], chain[1]]);
      expect(await children(bob, chain[0]!)).not.toHaveProperty('recursion_depth');
    });
  });

  it('does not relate events across rooms', async () => {
    const other = await alice.createRoom({ preset: 'public_chat' });
    const here = await alice.sendText(roomId, 'here');
    for (const relType of ['m.reference', 'm.thread', 'm.replace', 'm.annotation']) {
      const body = {
        msgtype: 'm.text',
        body: 'x',
        'm.new_content': {},
        'm.relates_to': { rel_type: relType, event_id: here, key: 'k' },
      };
      await alice.call(
        'sendMessage',
        { params: { roomId: other, eventType: 'm.room.message', txnId: relType }, body },
        { expect: 'M_UNKNOWN' },
      );
      await alice.call(
        'sendMessage',
        {
          params: { roomId: other, eventType: 'm.room.message', txnId: `${relType}2` },
          body: { ...body, 'm.relates_to': { rel_type: relType, event_id: '$unknown', key: 'k' } },
        },
        { expect: 'M_UNKNOWN' },
      );
    }
    await relate(alice, here, 'm.reference');
    // Asked through the other room there is no such event.
    await alice.call('getRelatingEvents', { params: { roomId: other, eventId: here } }, { expect: 'M_NOT_FOUND' });
    await alice.call('getRelatingEvents', { params: { roomId, eventId: '$unknown' } }, { expect: 'M_NOT_FOUND' });
  });

  it('tells nothing of later to who has left', async () => {
    const original = await alice.sendText(roomId, 'root');
    const before = await edit(alice, original, 'before');
    const thread = await relate(alice, original, 'm.thread');
    const reference = await relate(alice, original, 'm.reference');
    await bob.leaveRoom(roomId);
    await edit(alice, original, 'after');
    await relate(alice, original, 'm.thread');
    await relate(alice, original, 'm.reference');
    expect(await relationsOf(bob, original)).toMatchObject({
      'm.replace': { event_id: before },
      'm.thread': { count: 1, latest_event: { event_id: thread }, current_user_participated: false },
      'm.reference': { chunk: [{ event_id: reference }] },
    });
    expect(ids(await children(bob, original))).toEqual([reference, thread, before]);
  });
});
