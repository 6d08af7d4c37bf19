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
  });

  const say = async (count: number): Promise<string[]> => {
    const sent: string[] = [];
    for (let index = 0; index < count; index += 1) sent.push(await alice.sendText(roomId, `message ${index}`));
    return sent;
  };
  const ids = (events: Json[]): string[] => events.map((event) => event.event_id);

  describe('messages', () => {
    test('are paged back from the end to the beginning, each once', async () => {
      const sent = await say(25);
      const seen: string[] = [];
      let from: string | undefined;
      let oldest: Json;
      do {
        const page = await alice.call('getRoomEvents', { params: { roomId }, query: { dir: 'b', limit: 10, from } });
        seen.push(...ids(page.chunk));
        oldest = page.chunk.at(-1) ?? oldest;
        from = page.end;
      } while (from !== undefined);
      expect(seen.slice(0, 25)).toEqual(sent.toReversed());
      expect(new Set(seen).size).toBe(seen.length);
      expect(oldest.type).toBe('m.room.create');
    });

    test('are paged forth from a sync on', async () => {
      await alice.sync();
      const sent = await say(5);
      const query = { dir: 'f', from: alice.nextBatch };
      const page = await alice.call('getRoomEvents', { params: { roomId }, query });
      expect(ids(page.chunk)).toEqual(sent);
      const [first, second] = [
        await alice.call('getRoomEvents', { params: { roomId }, query: { ...query, limit: 2 } }),
        await alice.call('getRoomEvents', { params: { roomId }, query: { dir: 'b', from: page.end, limit: 2 } }),
      ];
      expect(ids(first.chunk)).toEqual(sent.slice(0, 2));
      expect(ids(second.chunk)).toEqual(sent.slice(-2).toReversed());
    });

    test('go on where a limited sync has a gap', async () => {
      await alice.sync();
      const sent = await say(8);
      const filter = { room: { timeline: { limit: 3 } } };
      const { timeline } = (await alice.sync({ since: alice.nextBatch, filter })).rooms.join[roomId];
      expect(timeline.limited).toBe(true);
      expect(ids(timeline.events)).toEqual(sent.slice(-3));
      const query = { dir: 'b', from: timeline.prev_batch, limit: 5 };
      const page = await alice.call('getRoomEvents', { params: { roomId }, query });
      expect(ids(page.chunk)).toEqual(sent.slice(0, 5).toReversed());
    });

    test('are filtered', async () => {
      await say(2);
      const topic = await alice.sendState(roomId, 'm.room.topic', { topic: 'filters' });
      const filter = JSON.stringify({ types: ['m.room.topic'] });
      const page = await alice.call('getRoomEvents', { params: { roomId }, query: { dir: 'b', filter } });
      expect(ids(page.chunk)).toEqual([topic]);
      const senders = JSON.stringify({ not_senders: [alice.userId] });
      const none = await alice.call('getRoomEvents', { params: { roomId }, query: { dir: 'b', filter: senders } });
      expect(none.chunk).toEqual([]);
    });

    test('from before are seen by those who joined later only where the history is shared', async () => {
      const [before] = await say(1);
      await bob.joinRoom(roomId);
      const shared = await bob.call('getRoomEvents', { params: { roomId }, query: { dir: 'b', limit: 50 } });
      expect(ids(shared.chunk)).toContain(before);

      const hidden = await alice.createRoom({
        preset: 'public_chat',
        initial_state: [
          { type: 'm.room.history_visibility', state_key: '', content: { history_visibility: 'joined' } },
        ],
      });
      const secret = await alice.sendText(hidden, 'before bob');
      await bob.joinRoom(hidden);
      const seen = await bob.call('getRoomEvents', { params: { roomId: hidden }, query: { dir: 'b', limit: 50 } });
      expect(ids(seen.chunk)).not.toContain(secret);
      await bob.call('getOneRoomEvent', { params: { roomId: hidden, eventId: secret } }, { expect: 'M_NOT_FOUND' });
      await bob.call('getEventContext', { params: { roomId: hidden, eventId: secret } }, { expect: 'M_NOT_FOUND' });
    });

    test('are not for those outside of the room', async () => {
      await bob.call('getRoomEvents', { params: { roomId }, query: { dir: 'b' } }, { expect: 'M_FORBIDDEN' });
      await bob.call('getRoomState', { params: { roomId } }, { expect: 'M_FORBIDDEN' });
      await bob.call('getMembersByRoom', { params: { roomId } }, { expect: 'M_FORBIDDEN' });
    });

    test('need a direction and a position that can be', async () => {
      for (const query of [
        { dir: 'x' },
        { dir: 'b', from: 'nonsense' },
        { dir: 'b', limit: -1 },
        { dir: 'b', limit: 'many' },
      ]) {
        const answer = await alice.send('getRoomEvents', { params: { roomId }, query }, { expect: 'any' });
        expect(answer.status, JSON.stringify(query)).toBe(400);
      }
    });
  });

  test('the context of an event: what stands around it, its state, and where to page on', async () => {
    const sent = await say(9);
    const params = { roomId, eventId: sent[4]! };
    const context = await alice.call('getEventContext', { params, query: { limit: 4 } });
    expect(context.event.event_id).toBe(sent[4]);
    expect(ids(context.events_before)).toEqual([sent[3], sent[2]]);
    expect(ids(context.events_after)).toEqual([sent[5], sent[6]]);
    expect(context.state.map((event: Json) => event.type)).toContain('m.room.create');
    const back = await alice.call('getRoomEvents', {
      params: { roomId },
      query: { dir: 'b', from: context.start, limit: 2 },
    });
    expect(ids(back.chunk)).toEqual([sent[1], sent[0]]);
    const forth = await alice.call('getRoomEvents', {
      params: { roomId },
      query: { dir: 'f', from: context.end, limit: 2 },
    });
    expect(ids(forth.chunk)).toEqual([sent[7], sent[8]]);
    await alice.call('getEventContext', { params: { roomId, eventId: '$nothing' } }, { expect: 'M_NOT_FOUND' });
  });

  test('the event nearest to a time, before or after it', async () => {
    const [first, second] = await say(2);
    const at = async (eventId: string): Promise<number> =>
      (await alice.call('getOneRoomEvent', { params: { roomId, eventId } })).origin_server_ts;
    const params = { roomId };
    const back = await alice.call('getEventByTimestamp', { params, query: { ts: Date.now() + 60_000, dir: 'b' } });
    expect(back).toEqual({ event_id: second, origin_server_ts: await at(second!) });
    const forth = await alice.call('getEventByTimestamp', { params, query: { ts: 0, dir: 'f' } });
    expect(forth.origin_server_ts).toBeLessThanOrEqual(await at(first!));
    const query = { ts: Date.now() + 60_000, dir: 'f' };
    await alice.call('getEventByTimestamp', { params, query }, { expect: 'M_NOT_FOUND' });
  });

  describe('members', () => {
    const memberships = (answer: Json): Record<string, string> =>
      Object.fromEntries(answer.chunk.map((event: Json) => [event.state_key, event.content.membership]));

    test('are those of now, or those at a position', async () => {
      await alice.sync();
      const at = alice.nextBatch;
      await bob.joinRoom(roomId);
      const params = { roomId };
      expect(memberships(await alice.call('getMembersByRoom', { params }))).toEqual({
        [alice.userId!]: 'join',
        [bob.userId!]: 'join',
      });
      expect(memberships(await alice.call('getMembersByRoom', { params, query: { at } }))).toEqual({
        [alice.userId!]: 'join',
      });
    });

    test('are chosen by membership', async () => {
      await bob.joinRoom(roomId);
      await bob.leaveRoom(roomId);
      const params = { roomId };
      const left = await alice.call('getMembersByRoom', { params, query: { membership: 'leave' } });
      expect(memberships(left)).toEqual({ [bob.userId!]: 'leave' });
      const others = await alice.call('getMembersByRoom', { params, query: { not_membership: 'leave' } });
      expect(memberships(others)).toEqual({ [alice.userId!]: 'join' });
      expect(Object.keys((await alice.call('getJoinedMembersByRoom', { params })).joined)).toEqual([alice.userId]);
    });
  });

  test('those who have left see the room as it was when they left', async () => {
    await bob.joinRoom(roomId);
    await alice.sendState(roomId, 'm.room.name', { name: 'Before' });
    await bob.leaveRoom(roomId);
    await alice.sendState(roomId, 'm.room.name', { name: 'After' });
    const later = await alice.sendText(roomId, 'now we are alone');
    const state = await bob.call('getRoomState', { params: { roomId } });
    expect(state.find((event: Json) => event.type === 'm.room.name').content).toEqual({ name: 'Before' });
    const name = { roomId, eventType: 'm.room.name', stateKey: '' };
    expect(await bob.call('getRoomStateWithKey', { params: name })).toEqual({ name: 'Before' });
    const page = await bob.call('getRoomEvents', { params: { roomId }, query: { dir: 'b', limit: 50 } });
    expect(ids(page.chunk)).not.toContain(later);
    await bob.call('getOneRoomEvent', { params: { roomId, eventId: later } }, { expect: 'M_NOT_FOUND' });
  });

  test('a state event can be had whole', async () => {
    const eventId = await alice.sendState(roomId, 'm.room.name', { name: 'Whole' });
    const params = { roomId, eventType: 'm.room.name', stateKey: '' };
    const whole = await alice.call('getRoomStateWithKey', { params, query: { format: 'event' } });
    expect(whole).toMatchObject({ event_id: eventId, content: { name: 'Whole' }, sender: alice.userId });
    const missing = { roomId, eventType: 'm.room.topic', stateKey: 'x' };
    await alice.call('getRoomStateWithKey', { params: missing }, { expect: 'M_NOT_FOUND' });
  });

  test('the rooms that one is joined to', async () => {
    expect((await alice.call('getJoinedRooms')).joined_rooms).toContain(roomId);
    expect((await bob.call('getJoinedRooms')).joined_rooms).not.toContain(roomId);
  });
});
