import { afterAll, beforeAll, expect, test } from 'vitest';
import { stateMapKey, type JsonValue } from '@myelin/protocol';
import { TestPeer } from '../federation/test-peer.ts';
import { Seeded } from '../fuzz/seeded.ts';
import { testPostgresUrl } from '../server/test-postgres.ts';
import { delivery, ways, type Delivery, type Way } from './deliveries.ts';
import { commonVersions, describePeers } from './describe-peers.ts';
import { contentOf, differences, idsOf, type Expectation, type View } from './differences.ts';
import { answersOf, inOrder } from './forked-room-answers.ts';
import { ForkedRoom, type PlacedEvent } from './forked-room.ts';
import type { PeerUser } from './peer-user.ts';
import { sides, type Side } from './peers.ts';
import { quarrels, type Quarrel } from './random-acts.ts';
import { openRoom, quarrel } from './random-forks.ts';
import { ReceivingModel } from './receiving-model.ts';
import { until } from './until.ts';

// MYELIN_TEST_PEER_FIRST=SEED MYELIN_TEST_PEER_SEEDS=1 repeats one.
const first = Number(process.env['MYELIN_TEST_PEER_FIRST'] ?? 1);
const askedFor = process.env['MYELIN_TEST_PEER_SEEDS'];
const count = Number(askedFor ?? 1);
const seeds = Array.from({ length: count }, (_none, index) => first + index);
const eventsOfRoom = 40;
const kinds = Object.keys(quarrels) as Quarrel[];

for (const database of ['sqlite', 'postgres'] as const) {
  if (database === 'postgres' && testPostgresUrl() === undefined) continue;
  // One version of each state resolution, unless more is asked for.
  const versions = database === 'postgres' && askedFor === undefined ? ['1', '9', '12'] : commonVersions;
  describePeers(
    `the same forks to both, ours on ${database}`,
    (peers) => {
      const users = {} as Record<Side, PeerUser>;
      const rooms = new Map<string, ForkedRoom>();
      const third: TestPeer[] = [];
      let transactions = 0;
      beforeAll(async () => {
        for (const side of sides) users[side] = await peers().register(side, side.toLowerCase());
        for (let index = 0; index < 3; index++) third.push(await TestPeer.start({ handler: answersOf(rooms) }));
      });
      afterAll(() => Promise.all(third.map((peer) => peer.stop())));

      for (const version of versions) {
        for (const seed of seeds) {
          const random = new Seeded(seed * 100 + Number(version));
          const way = ways[(seed + Number(version)) % ways.length]!;
          const about = random.pick(kinds);
          test(`version ${version}, seed ${seed}, ${about}, ${way}: the servers agree on every event and on the state`, () =>
            agree(version, random, way, about));
        }
      }

      async function agree(version: string, random: Seeded, way: Way, about: Quarrel): Promise<void> {
        const servers = third.slice(0, 1 + random.below(third.length));
        // Who else is a creator can't be put out of power either, in version 12.
        const more =
          version === '12' && random.chance(0.5)
            ? { additional_creators: [`@ann:${servers[1 % servers.length]!.serverName}`] }
            : {};
        const room = new ForkedRoom(servers, version, more);
        rooms.set(room.roomId, room);
        openRoom(room);
        for (const side of sides) {
          await users[side].join(room.roomId, [room.peer.serverName]);
          // Who was there before hears of it from the server that was asked.
          if (side === 'Synapse') await push('Myelin', room, [room.ends[0]!.eventId]);
        }
        const opened = room.ends;
        const ids = quarrel(room, random, about, eventsOfRoom).map(({ eventId }) => eventId);
        const ends = [say(room, 'the end'), say(room, 'the very end')] as const;
        inOrder(room);
        const deliveries = {} as Record<Side, Delivery>;
        for (const side of sides) deliveries[side] = delivery(way, room, random, ids);
        const views = {} as Record<Side, View>;
        await Promise.all(
          sides.map(async (side) => {
            await deliver(side, room, deliveries[side], ends);
            views[side] = await viewOf(side, room, [...ids, ...ends.map(({ eventId }) => eventId)]);
          }),
        );
        const expectation = way === 'with gaps' ? loose(room) : strict(room, opened, deliveries, ends, way);
        expect(differences(room, views, expectation, ends[1]!.after)).toEqual([]);
      }

      async function deliver(side: Side, room: ForkedRoom, how: Delivery, ends: readonly PlacedEvent[]): Promise<void> {
        const { pushed, late, restarts } = how;
        const [end, veryEnd] = ends.map(({ eventId }) => eventId);
        let sent = 0;
        for (const restart of side === 'Myelin' ? restarts : []) {
          await push(side, room, pushed.slice(sent, restart));
          await peers().myelin.restart();
          sent = restart;
        }
        await push(side, room, [...pushed.slice(sent), end!]);
        await untilShown(side, room, end!);
        await push(side, room, [...late, veryEnd!]);
        await untilShown(side, room, veryEnd!);
      }

      /** Each event is sent by the server whose user made it: from others servers don't take it. */
      async function push(side: Side, room: ForkedRoom, ids: readonly string[]): Promise<void> {
        let start = 0;
        while (start < ids.length) {
          const peer = senderOf(ids[start]!);
          let end = start + 1;
          while (end < ids.length && end < start + 50 && senderOf(ids[end]!) === peer) end++;
          const pdus = room.eventsByIds(ids.slice(start, end)) as unknown as JsonValue;
          const body = { origin: peer.serverName, origin_server_ts: Date.now(), pdus };
          const path = `/_matrix/federation/v1/send/d${transactions++}`;
          const { status } = await peer.send(peers().serverName(side), 'PUT', path, { body });
          expect(status).toBe(200);
          start = end;
        }

        function senderOf(id: string): TestPeer {
          return room.peerOf(room.events.get(id)!.pdu.sender);
        }
      }

      async function untilShown(side: Side, { roomId }: ForkedRoom, eventId: string): Promise<void> {
        const { client } = users[side];
        const isShown = async (): Promise<boolean> => {
          const params = { roomId, eventId };
          return (await client.send('getOneRoomEvent', { params }, { expect: [200, 403, 404] })).status === 200;
        };
        // Resolving forks takes its time where other work is done meanwhile.
        await until(`${side} to show ${eventId} of ${roomId}`, isShown, 60_000);
      }

      async function viewOf(side: Side, room: ForkedRoom, ids: readonly string[]): Promise<View> {
        const { roomId } = room;
        const history = await users[side].history(roomId);
        const shown = new Map(history.map(({ event_id: id, content }) => [id as string, contentOf(content)]));
        const current = [...(await users[side].state(roomId)).values()];
        const state = new Map(
          current.map(({ type, state_key: key, event_id: id }) => [stateMapKey(type, key), id as string]),
        );
        const befores = new Map<string, string>();
        for (const id of ids) {
          const path = `/_matrix/federation/v1/state_ids/${encodeURIComponent(roomId)}?event_id=${encodeURIComponent(id)}`;
          const { status, body } = await room.peer.send(peers().serverName(side), 'GET', path);
          befores.set(id, status === 200 ? idsOf(body.pdu_ids) : `status ${status}`);
        }
        return { shown, state, befores };
      }
    },
    { database },
  );
}

function say(room: ForkedRoom, body: string): PlacedEvent {
  const said = room.add({ type: 'm.room.message', sender: room.creator, content: { body } }, room.ends);
  expect(said.rejected).toBe(false);
  return said;
}

/** Where each event came after those that it follows, it is known what is soft-failed. */
function strict(
  room: ForkedRoom,
  opened: readonly PlacedEvent[],
  deliveries: Readonly<Record<Side, Delivery>>,
  ends: readonly PlacedEvent[],
  way: Way,
): Expectation {
  const models = {} as Record<Side, ReceivingModel>;
  for (const side of sides) {
    models[side] = new ReceivingModel(room, opened);
    for (const id of [...deliveries[side].pushed, ...ends.map(({ eventId }) => eventId)]) models[side].receive(id);
  }
  return {
    mustShow: (side, id) => models[side].shown.has(id),
    mustHide: (side, id) => !models[side].shown.has(id),
    isAlike: way === 'in order',
    hasGaps: false,
  };
}

/** Which of the events that a server fetches are soft-failed depends on the order in which it asks. */
function loose(room: ForkedRoom): Expectation {
  const states = new Set([...room.events.values()].map(({ after }) => after));
  const isUncontested = (id: string): boolean => {
    const { pdu } = room.events.get(id)!;
    return [...states].every((state) => room.allows(pdu, state));
  };
  return {
    mustShow: (_side, id) => room.events.get(id)!.rejected !== true && isUncontested(id),
    mustHide: (_side, id) => room.events.get(id)!.rejected === true,
    isAlike: false,
    hasGaps: true,
  };
}
