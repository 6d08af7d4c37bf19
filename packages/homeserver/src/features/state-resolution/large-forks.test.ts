import type { JsonObject } from '@myelin/protocol';
import { describeFederations, PeerRooms, TestPeer, type SignedPeerEvent } from '@myelin/testkit';
import { afterEach, expect, it, vi } from 'vitest';
import { ResolutionThread } from './index.ts';

const type = 'org.example.item';
/** So many keys are set on one side, and so many of them on the other. */
const keys = 110;
const disputed = 6;
const version = '11';

describeFederations((start) => {
  afterEach(() => vi.restoreAllMocks());

  it('a fork with many conflicts is resolved in a thread', { timeout: 120_000 }, async () => {
    const [server] = await start(1, { onDisk: true });
    const peer = await TestPeer.start({ host: '127.0.0.1' });
    try {
      const inThread = vi.spyOn(ResolutionThread.prototype, 'resolve');
      const there = new PeerRooms(peer, server!);
      const alice = await server!.registerUser('alice');
      const roomId = await alice.createRoom({
        preset: 'public_chat',
        room_version: version,
        power_level_content_override: { state_default: 0 },
      });
      const bob = there.userId('bob');
      const { event: template } = await there.template('join', roomId, bob);
      const joined = there.sign(template, version);
      await there.handIn('join', roomId, joined);
      const state: JsonObject[] = await alice.call('getRoomState', { params: { roomId } });
      const idOf = (wanted: string): string => state.find((each) => each['type'] === wanted)!['event_id'] as string;
      const auth = [idOf('m.room.create'), idOf('m.room.power_levels'), joined.eventId];

      let depth = Number(template['depth']);
      const event = (after: readonly string[], changes: JsonObject): SignedPeerEvent =>
        there.sign(
          {
            room_id: roomId,
            sender: bob,
            depth: ++depth,
            origin_server_ts: 1_000_000,
            prev_events: [...after],
            auth_events: auth,
            ...changes,
          },
          version,
        );
      /** Of the even keys the first side's events are newer. */
      const side = (name: string, count: number): SignedPeerEvent[] => {
        const made: SignedPeerEvent[] = [];
        for (let i = 0; i < count; i++) {
          const isNewer = (i % 2 === 0) === (name === 'first');
          const changes = {
            type,
            state_key: `${i}`,
            content: { name },
            origin_server_ts: isNewer ? 2_000_000 : 1_500_000,
          };
          made.push(event([made.at(-1)?.eventId ?? joined.eventId], changes));
        }
        return made;
      };
      const [first, second] = [side('first', keys), side('second', disputed)];
      const ends = [first, second].map((made) => made.at(-1)!.eventId);
      const merge = event(ends, { type: 'm.room.message', content: { msgtype: 'm.text', body: 'both' } });
      const all = [...first, ...second, merge];
      for (let at = 0; at < all.length; at += 50) {
        const pdus = all.slice(at, at + 50).map((each) => each.event);
        const body = { origin: peer.serverName, origin_server_ts: 1, pdus };
        const { pdus: results } = await there.put(`/v1/send/fork${at}`, body);
        for (const result of Object.values(results)) expect(result).toEqual({});
      }
      await alice.waitForEvent(roomId, (one) => one.event_id === merge.eventId);

      const resolved: JsonObject[] = await alice.call('getRoomState', { params: { roomId } });
      const names = new Map(
        resolved.map((each) => [`${String(each['type'])} ${String(each['state_key'])}`, each['content']]),
      );
      for (let i = 0; i < keys; i++)
        expect(names.get(`${type} ${i}`), `${i}`).toEqual({ name: i % 2 === 1 && i < disputed ? 'second' : 'first' });
      expect(inThread.mock.settledResults.length).toBeGreaterThan(0);
      for (const { type: how, value } of inThread.mock.settledResults)
        expect([how, value]).toEqual(['fulfilled', expect.objectContaining({ root: expect.any(Number) })]);
    } finally {
      await peer.stop();
    }
  });
});
