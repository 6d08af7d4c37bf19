import { describeFederations, TestPeer, type Json, type TestClient, type TestServer } from '@myelin/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PartialRoom } from './testing/partial-room.ts';
import type { PeerEvent } from './testing/peer-room.ts';

const filter = JSON.stringify({ room: { state: { lazy_load_members: true } } });

describeFederations((start) => {
  let server: TestServer;
  let peer: TestPeer;
  let bob: TestClient;
  let room: PartialRoom;
  let derek: string;
  let derekIn: PeerEvent;
  let said: PeerEvent;
  beforeAll(async () => {
    [server] = (await start(1, { onDisk: true })) as [TestServer];
    peer = await TestPeer.start();
    bob = await server.registerUser('bob');
  });
  afterAll(() => peer.stop());
  beforeEach(async () => {
    room = new PartialRoom(peer);
    derekIn = room.enter('derek');
    derek = room.userId('derek');
    peer.handler = (request) => room.handle(request);
  });

  const join = (): Promise<Json> =>
    bob.call('joinRoom', {
      params: { roomIdOrAlias: room.roomId },
      query: { via: [peer.serverName] },
      body: {},
    });
  /** The room's members are told, and with them who was none. */
  const becomesWhole = async (): Promise<void> => {
    room.release();
    await bob.call('getJoinedMembersByRoom', { params: { roomId: room.roomId } });
  };
  const message = (body: string, more: object = {}): { msgtype: string; body: string } => ({
    msgtype: 'm.text',
    body,
    ...more,
  });
  const find = async (term: string): Promise<Json> => {
    const { search_categories: found } = await bob.call('search', {
      body: { search_categories: { room_events: { search_term: term, filter: { rooms: [room.roomId] } } } },
    });
    const { count, results } = found.room_events;
    return { count, ids: results.map((each: Json) => each.result.event_id) };
  };

  describe('what a user wrote who turns out not to have been in the room', () => {
    let wrong: PeerEvent;
    beforeEach(async () => {
      room.put(derek, 'm.room.member', { membership: 'leave' }, derek);
      await join();
      const mention = { 'm.mentions': { user_ids: [bob.userId] } };
      said = room.put(room.owner, 'm.room.message', message('a pineapple, really'));
      const reply = { 'm.relates_to': { rel_type: 'm.thread', event_id: said.eventId } };
      wrong = room.by(derek, 'm.room.message', message('pineapple for bob', mention), undefined, [derekIn]);
      room.events.push(wrong);
      const inThread = room.by(derek, 'm.room.message', message('pineapple in a thread', reply), undefined, [derekIn]);
      room.events.push(inThread);
      await room.send(server, said, wrong, inThread);
    });

    it('counts as unread no more, and is no notification', async () => {
      const unread = async (since?: string): Promise<[Json, string]> => {
        const answer = await bob.sync({ filter, ...(since === undefined ? {} : { since }) });
        return [answer.rooms.join[room.roomId].unread_notifications, answer.next_batch];
      };
      const notified = async (): Promise<string[]> => {
        const { notifications } = await bob.call('getNotifications');
        return notifications
          .filter((each: Json) => each.room_id === room.roomId)
          .map((each: Json) => each.event.event_id);
      };
      const [before, since] = await unread();
      expect(before).toEqual({ notification_count: 3, highlight_count: 1 });
      expect(await notified()).toHaveLength(3);
      await becomesWhole();
      expect((await unread(since))[0]).toEqual({ notification_count: 1, highlight_count: 0 });
      expect((await unread())[0]).toEqual({ notification_count: 1, highlight_count: 0 });
      expect(await notified()).toEqual([said.eventId]);
    });

    it('is found no more', async () => {
      expect((await find('pineapple')).count).toBe(3);
      await becomesWhole();
      expect(await find('pineapple')).toEqual({ count: 1, ids: [said.eventId] });
    });

    it('is not part of a thread any more', async () => {
      const threads = async (): Promise<Json[]> =>
        (await bob.call('getThreadRoots', { params: { roomId: room.roomId } })).chunk;
      expect((await threads())[0].unsigned['m.relations']['m.thread'].count).toBe(1);
      await becomesWhole();
      expect(await threads()).toEqual([]);
    });
  });

  describe('what a user took away who turns out not to have been in the room', () => {
    let reply: PeerEvent;
    const redacts = (sender: string, target: PeerEvent, cited?: PeerEvent[]): PeerEvent =>
      room.by(sender, 'm.room.redaction', { redacts: target.eventId }, undefined, cited);
    const bodyOf = async ({ eventId }: PeerEvent): Promise<unknown> =>
      (await bob.call('getOneRoomEvent', { params: { roomId: room.roomId, eventId } })).content.body;
    beforeEach(async () => {
      room.put(derek, 'm.room.member', { membership: 'leave' }, derek);
      await join();
      said = room.put(room.owner, 'm.room.message', message('a papaya'));
      const relation = { 'm.relates_to': { rel_type: 'm.thread', event_id: said.eventId } };
      reply = room.put(room.owner, 'm.room.message', message('a papaya in a thread', relation));
      const gone = [said, reply].map((each) => redacts(derek, each, [derekIn]));
      await room.send(server, said, reply, ...gone);
      expect(await bodyOf(said)).toBeUndefined();
      expect((await find('papaya')).count).toBe(0);
    });

    it('is there again, found and in its thread', async () => {
      await becomesWhole();
      expect([await bodyOf(said), await bodyOf(reply)]).toEqual(['a papaya', 'a papaya in a thread']);
      expect((await find('papaya')).count).toBe(2);
      const { chunk } = await bob.call('getThreadRoots', { params: { roomId: room.roomId } });
      expect(chunk[0].unsigned['m.relations']['m.thread'].count).toBe(1);
    });

    it('is found though the server ends before it has looked for it again', async () => {
      // The index is far behind it by then: numbers of events begin anew with each start.
      await server.restart();
      await bob.sendText(room.roomId, 'a guava');
      expect((await find('guava')).count).toBe(1);
      await becomesWhole();
      await server.restart();
      expect((await find('papaya')).count).toBe(2);
    });

    it('stays away if somebody else took it away too', async () => {
      const own = redacts(room.owner, said);
      room.events.push(own);
      await room.send(server, own);
      await becomesWhole();
      expect([await bodyOf(said), await bodyOf(reply)]).toEqual([undefined, 'a papaya in a thread']);
      const { unsigned } = await bob.call('getOneRoomEvent', {
        params: { roomId: room.roomId, eventId: said.eventId },
      });
      expect(unsigned.redacted_because.event_id).toBe(own.eventId);
      expect((await find('papaya')).count).toBe(1);
    });
  });

  it('what counts only when the members are known is found then', async () => {
    const elsie = room.userId('elsie');
    room.add('m.room.power_levels', { users: { [room.owner]: 100, [derek]: 100, [elsie]: 50 } }, '');
    room.put(derek, 'm.room.member', { membership: 'leave' }, derek);
    const there = room.enter('elsie');
    await join();
    const kick = room.by(derek, 'm.room.member', { membership: 'leave' }, elsie, [derekIn, there]);
    room.events.push(kick);
    const words = room.put(elsie, 'm.room.message', message('a mango'));
    const last = room.put(room.owner, 'm.room.message', message('last'));
    await room.send(server, kick, words, last);
    expect((await find('mango')).count).toBe(0);
    await becomesWhole();
    expect(await find('mango')).toEqual({ count: 1, ids: [words.eventId] });
  });
});
