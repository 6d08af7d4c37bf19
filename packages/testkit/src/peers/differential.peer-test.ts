import { afterAll, beforeAll, expect, test } from 'vitest';
import { redactsOf, type JsonValue, type Pdu } from '@myelin/protocol';
import { TestPeer } from '../federation/test-peer.ts';
import { Seeded } from '../fuzz/seeded.ts';
import { describePeers } from './describe-peers.ts';
import { answersOf, inOrder } from './forked-room-answers.ts';
import { ForkedRoom } from './forked-room.ts';
import type { PeerUser } from './peer-user.ts';
import { sides, type Side } from './peers.ts';
import { openRoom, quarrel } from './random-forks.ts';
import { until } from './until.ts';

// MYELIN_TEST_PEER_FIRST=SEED MYELIN_TEST_PEER_SEEDS=1 repeats one.
const first = Number(process.env['MYELIN_TEST_PEER_FIRST'] ?? 1);
const seeds = Array.from(
  { length: Number(process.env['MYELIN_TEST_PEER_SEEDS'] ?? 1) },
  (_none, index) => first + index,
);
const eventsOfRoom = 40;

describePeers('the same forks to both', (peers) => {
  const users = {} as Record<Side, PeerUser>;
  const rooms = new Map<string, ForkedRoom>();
  let third: TestPeer;
  let transactions = 0;
  beforeAll(async () => {
    for (const side of sides) users[side] = await peers().register(side, side.toLowerCase());
    third = await TestPeer.start({ handler: answersOf(rooms) });
  });
  afterAll(() => third?.stop());

  for (const version of ['1', '2', '3', '6', '8', '10', '11', '12']) {
    test.each(seeds)(`version ${version}, seed %i: the servers agree on every event and on the state`, async (seed) => {
      const room = new ForkedRoom(third, version);
      rooms.set(room.roomId, room);
      openRoom(room);
      for (const side of sides) {
        await users[side].join(room.roomId, [third.serverName]);
        // Who was there before hears of it from the server that was asked.
        if (side === 'Synapse') await send('Myelin', room, [room.ends[0]!.eventId]);
      }
      const quarrels = quarrel(room, new Seeded(seed * 100 + Number(version)), eventsOfRoom);
      const end = room.add(
        { type: 'm.room.message', sender: room.creator, content: { msgtype: 'm.text', body: 'the end' } },
        room.ends,
      );
      inOrder(room);
      expect(end.rejected).toBe(false);
      const ids = [...quarrels, end].map(({ eventId }) => eventId);
      for (const side of sides) await send(side, room, ids);
      const views = {} as Record<Side, View>;
      for (const side of sides) views[side] = await viewOf(side, room, ids);
      const { Myelin: ours, Synapse: theirs } = views;
      expect(differences(room, ours, theirs)).toEqual([]);
    });
  }

  async function send(side: Side, room: ForkedRoom, ids: readonly string[]): Promise<void> {
    for (let start = 0; start < ids.length; start += 50) {
      const body = {
        origin: third.serverName,
        origin_server_ts: Date.now(),
        pdus: room.eventsByIds(ids.slice(start, start + 50)) as unknown as JsonValue,
      };
      const path = `/_matrix/federation/v1/send/d${transactions++}`;
      const { status } = await third.send(peers().serverName(side), 'PUT', path, { body });
      expect(status).toBe(200);
    }
  }

  async function viewOf(side: Side, room: ForkedRoom, ids: readonly string[]): Promise<View> {
    const { client } = users[side];
    const { roomId } = room;
    const eventId = ids.at(-1) as string;
    await until(`${side} to show the end of ${roomId}`, async () => {
      const params = { roomId, eventId };
      return (await client.send('getOneRoomEvent', { params }, { expect: [200, 403, 404] })).status === 200;
    });
    const shown = new Set((await users[side].history(roomId)).map((event) => event.event_id as string));
    const state = new Map(
      [...(await users[side].state(roomId))].map(([key, event]) => [key, event.event_id as string]),
    );
    const befores = new Map<string, string>();
    for (const id of ids) {
      const path = `/_matrix/federation/v1/state_ids/${encodeURIComponent(roomId)}?event_id=${encodeURIComponent(id)}`;
      const { status, body } = await third.send(peers().serverName(side), 'GET', path);
      befores.set(id, status === 200 ? [...(body.pdu_ids as string[])].sort().join(' ') : `status ${status}`);
    }
    return { shown, state, befores };
  }
});

interface View {
  /** What a member may read. */
  readonly shown: ReadonlySet<string>;
  /** The current state. */
  readonly state: ReadonlyMap<string, string>;
  /** By event, the ids of the state before it, or that there is no telling. */
  readonly befores: ReadonlyMap<string, string>;
}

function differences(room: ForkedRoom, ours: View, theirs: View): string[] {
  const found: string[] = [];
  const name = (id: string): string => {
    const event = room.events.get(id);
    if (!event) return id;
    const target = redactsOf(event.pdu, room.version);
    const redacts = target === undefined ? '' : `, redacts ${name(target)}`;
    const refused = event.rejected ? ', refused by the rules' : '';
    return `${id} (${event.pdu.type} of ${event.pdu.sender}${refused}${redacts})`;
  };
  for (const id of room.events.keys()) {
    if (!ours.befores.has(id)) continue;
    const [here, there] = [ours.shown.has(id), theirs.shown.has(id)];
    const { pdu } = room.events.get(id)!;
    const isRedaction = pdu.type === 'm.room.redaction';
    // Whether a redaction of what another server's user sent is carried out depends on its sender's power: we look at the
    // state before it, Synapse also at the current state, as a side effect of its check for soft failure.
    if (isRedaction && here && !there && isOfAnotherServer(room, pdu)) continue;
    if (here !== there) found.push(`${name(id)} is shown by ${here ? 'Myelin' : 'Synapse'} only`);
    const [before, after] = [ours.befores.get(id) ?? '', theirs.befores.get(id) ?? ''];
    // Synapse knows nothing at all of a redaction that isn't carried out.
    if (isRedaction && !there && after === 'status 404') continue;
    if (before !== after) found.push(`state before ${name(id)}: ${beside(before, after)}`);
  }
  for (const key of new Set([...ours.state.keys(), ...theirs.state.keys()])) {
    const [here, there] = [ours.state.get(key), theirs.state.get(key)];
    if (here !== there) found.push(`current ${key}: ${name(here ?? 'nothing')}, Synapse ${name(there ?? 'nothing')}`);
  }
  return found;
}

function isOfAnotherServer(room: ForkedRoom, redaction: Pdu): boolean {
  const target = room.events.get(redactsOf(redaction, room.version) ?? '');
  return target !== undefined && !target.pdu.sender.endsWith(`:${room.peer.serverName}`);
}

function beside(ours: string, theirs: string): string {
  if (ours.startsWith('status') || theirs.startsWith('status')) {
    return `${ours.startsWith('status') ? ours : 'known'}, Synapse ${theirs.startsWith('status') ? theirs : 'known'}`;
  }
  const [here, there] = [new Set(ours.split(' ')), new Set(theirs.split(' '))];
  const only = (one: Set<string>, other: Set<string>): string => [...one].filter((id) => !other.has(id)).join(' ');
  return `only Myelin ${only(here, there)}, only Synapse ${only(there, here)}`;
}
