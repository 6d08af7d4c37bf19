import {
  describeFederations,
  PeerRooms,
  TestPeer,
  timelineOf,
  type Json,
  type TestClient,
  type TestServer,
} from '@myelin/testkit';
import { stateMapKey } from '@myelin/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PeerRoom, type PeerPlace } from './testing/peer-room.ts';

describeFederations((start) => {
  let server: TestServer;
  let peer: TestPeer;
  let there: PeerRooms;
  let alice: TestClient;
  let bob: string;
  let roomId: string;
  let room: PeerRoom;

  beforeAll(async () => {
    [server] = (await start(1)) as [TestServer];
    peer = await TestPeer.start({ host: '127.0.0.1' });
    there = new PeerRooms(peer, server);
    bob = there.userId('bob');
    alice = await server.registerUser('alice');
  });
  afterAll(() => peer.stop());
  beforeEach(async () => {
    roomId = await alice.createRoom({ preset: 'public_chat', room_version: '11' });
    room = await PeerRoom.enter(there, roomId, bob);
  });
  const message = (body: string) => ({ type: 'm.room.message', sender: bob, content: { msgtype: 'm.text', body } });
  const redaction = (redacts: string) => ({ type: 'm.room.redaction', sender: bob, content: { redacts }, redacts });

  /** What alice reads of the room after an event has come. */
  async function readAfter(last: PeerPlace): Promise<Json[]> {
    await alice.waitForEvent(roomId, last.eventId);
    const page = await alice.call('getRoomEvents', { params: { roomId }, query: { dir: 'b', limit: 50 } });
    return page.chunk;
  }
  const idsOf = (events: readonly Json[]): string[] => events.map(({ event_id: eventId }) => eventId);

  describe('a redaction by another server', () => {
    it('is shown where it is carried out', async () => {
      const said = room.next(message('said'));
      const redacts = room.next(redaction(said.eventId));
      const last = room.next(message('last'));
      await room.send(said, redacts, last);
      const seen = await readAfter(last);
      expect(idsOf(seen)).toContain(redacts.eventId);
      expect(seen.find((event) => event.event_id === said.eventId).content).toEqual({});
    });

    it("isn't shown where nobody knows its target, until the target comes", async () => {
      const untold = room.make(message('comes late'));
      const redacts = room.next(redaction(untold.eventId));
      const last = room.next(message('last'));
      await room.send(redacts, last);
      expect(idsOf(await readAfter(last))).not.toContain(redacts.eventId);
      const params = { roomId, eventId: redacts.eventId };
      await alice.call('getOneRoomEvent', { params }, { expect: 'M_NOT_FOUND' });
      await room.send(untold);
      const target = await alice.waitForEvent(roomId, untold.eventId);
      expect(target.content).toEqual({});
      expect((await alice.call('getOneRoomEvent', { params })).content).toEqual({ redacts: untold.eventId });
    });

    it("isn't shown where its sender has no power over its target", async () => {
      const alices = await alice.sendText(roomId, 'of alice');
      const redacts = room.next(redaction(alices));
      const last = room.next(message('last'));
      await room.send(redacts, last);
      const seen = await readAfter(last);
      expect(idsOf(seen)).not.toContain(redacts.eventId);
      expect(seen.find((event) => event.event_id === alices).content.body).toBe('of alice');
      expect(idsOf(timelineOf(await alice.sync(), roomId))).not.toContain(redacts.eventId);
    });

    it.each(['10', '11'])(
      'of the create event is never carried out, whoever may redact (version %s)',
      async (version) => {
        roomId = await alice.createRoom({
          preset: 'public_chat',
          room_version: version,
          creation_content: { type: 'm.space', 'org.example.kept': true },
          power_level_content_override: { users: { [alice.userId!]: 100, [bob]: 100 } },
        });
        room = await PeerRoom.enter(there, roomId, bob);
        const create = room.join.state.get(stateMapKey('m.room.create', ''))!.eventId;
        const redacts = room.next(redaction(create));
        const last = room.next(message('last'));
        await room.send(redacts, last);
        const seen = await readAfter(last);
        expect(idsOf(seen)).not.toContain(redacts.eventId);
        const event = seen.find((each) => each.event_id === create);
        expect(event.content).toMatchObject({ type: 'm.space', room_version: version, 'org.example.kept': true });
        expect(event.unsigned?.redacted_because).toBeUndefined();
        const params = { roomId, eventType: 'm.room.create', stateKey: '' };
        expect(await alice.call('getRoomStateWithKey', { params })).toEqual(event.content);
      },
    );
  });
});
