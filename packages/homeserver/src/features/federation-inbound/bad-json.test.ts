import { roomVersion, type JsonObject, type JsonValue, type RoomVersion } from '@myelin/protocol';
import { describeFederations, PeerRooms, TestPeer, type TestClient, type TestServer } from '@myelin/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PeerRoom } from './testing/peer-room.ts';

function nested(levels: number): JsonValue {
  let value: JsonValue = {};
  for (let level = 0; level < levels; level++) value = { a: value };
  return value;
}

describeFederations((start) => {
  let server: TestServer;
  let peer: TestPeer;
  let there: PeerRooms;
  let alice: TestClient;

  beforeAll(async () => {
    [server] = (await start(1)) as [TestServer];
    peer = await TestPeer.start({ host: '127.0.0.1' });
    there = new PeerRooms(peer, server);
    alice = await server.registerUser('alice');
  });
  afterAll(() => peer.stop());

  describe.each(['3', '5', '6', '10', '11', '12'])('events of another server in version %s', (version) => {
    const known = roomVersion(version) as RoomVersion;
    let room: PeerRoom;
    let bob: string;
    beforeAll(async () => {
      bob = there.userId('bob');
      const roomId = await alice.createRoom({ preset: 'public_chat', room_version: version });
      room = await PeerRoom.enter(there, roomId, bob);
    });

    const message = () => room.make({ type: 'm.room.message', sender: bob, content: { body: 'x' } });

    /** What the server says of an event that was changed after it was signed. */
    async function changed(changes: JsonObject): Promise<string> {
      const { event } = message();
      const [answer] = Object.values(
        (await room.send({ event: { ...event, ...changes } })) as Record<string, JsonObject>,
      );
      return answer === undefined ? 'passed over' : String(answer['error'] ?? 'taken');
    }

    it('have no fractions and no numbers beyond 2^53-1 where the version forbids them', async () => {
      for (const [value, reason] of [
        [1.5, 'float'],
        [1e-7, 'float'],
        [2 ** 53, 'integer-out-of-range'],
        [-(2 ** 53), 'integer-out-of-range'],
      ] as const) {
        const said = await changed({ content: { value } });
        if (known.strictCanonicalJson) expect(said).toBe('passed over');
        // The hash is of other content: what is left after redaction is taken.
        else expect(said, reason).toBe('taken');
      }
    });

    it('are not larger than 64 KiB, and have no identifiers of more than 255 bytes', async () => {
      expect(await changed({ content: { body: 'ä'.repeat(33_000) } })).toBe(
        'Not a valid event: event-over-65536-bytes',
      );
      const long = { type: 'm.room.message', sender: bob, content: {} };
      const types = ['x'.repeat(256), 'ä'.repeat(200)];
      for (const type of types) {
        const { eventId, event } = room.make({ ...long, type });
        const results = await room.send({ event });
        // Older versions keep what is too long in bytes alone as a refused event, which is no fault of the transaction.
        const isKept = type.length < 256 && !known.strictByteLimits;
        expect(results[eventId]).toEqual(isKept ? {} : { error: expect.any(String) });
        const params = { roomId: room.roomId, eventId };
        await alice.call('getOneRoomEvent', { params }, { expect: 404 });
      }
    });

    it('are nested no deeper than any server takes', async () => {
      expect(await changed({ content: { deep: nested(90) } })).toBe('taken');
      for (const levels of [150, 900]) expect(await changed({ content: { deep: nested(levels) } })).toBe('passed over');
    });

    it('are objects with what the format asks for', async () => {
      for (const wrong of [
        { content: null },
        { content: [] },
        { type: 7 },
        { sender: 'nobody' },
        { depth: '1' },
        { depth: -1 },
        { depth: 2 ** 53 },
        { origin_server_ts: 'now' },
        { prev_events: 'x' },
        { prev_events: [7] },
        { auth_events: {} },
        { state_key: 7 },
        { hashes: 'x' },
        { signatures: [] },
      ] as unknown as JsonObject[]) {
        const said = await changed(wrong);
        expect(said, JSON.stringify(wrong)).not.toBe('taken');
      }
      const good = room.next({ type: 'm.room.message', sender: bob, content: { body: 'still here' } });
      expect(await room.send(good)).toEqual({ [good.eventId]: {} });
    });
  });
});
