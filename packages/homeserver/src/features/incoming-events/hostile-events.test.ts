import { describeDatabases } from '@myelin/database/testing';
import { hashAndSignEvent, stateMapKey, type JsonObject, type Pdu, type UnsignedPdu } from '@myelin/protocol';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Core } from '../../core.ts';
import { allMigrations } from '../../migrations.ts';
import { IntakeBench } from './testing/intake-bench.ts';
import type { MadeEvent, OtherRoom } from './testing/other-room.ts';
import { creator, startRoom } from './testing/random-history.ts';

const mallory = '@p2:b.test';
const eve = '@eve:b.test';
const said = { type: 'm.room.message', sender: mallory, content: { body: 'x' } };

describeDatabases((open) => {
  let core: Core;
  let bench: IntakeBench;
  let room: OtherRoom;
  let join: MadeEvent;
  let rooms = 0;

  beforeAll(async () => {
    core = await IntakeBench.open(await open(allMigrations));
  });
  async function start(version: string): Promise<void> {
    ({ room, join } = startRoom(version, `!hostile${rooms++}:a.test`));
    bench = new IntakeBench(core, room);
    await bench.enter(join);
  }
  beforeEach(() => start('11'));

  /** An event with members that `make` wouldn't give it, signed. */
  function forged(members: JsonObject): MadeEvent {
    const { pdu } = room.make(said);
    const { hashes: _hashes, signatures: _signatures, ...rest } = pdu;
    const event = { ...rest, ...members } as unknown as UnsignedPdu;
    const signed = hashAndSignEvent(event, room.version, 'b.test', room.servers.key('b.test'));
    const made = { eventId: signed.eventId, pdu: signed.event, state: join.state };
    room.events.set(made.eventId, made);
    return made;
  }

  async function nothingCame(): Promise<void> {
    expect(await bench.timeline()).toEqual([join.eventId]);
    expect(await bench.state()).toEqual(new Map(join.state));
    expect((await bench.head()).extremities.map((event) => event.eventId)).toEqual([join.eventId]);
  }

  it('what the room stands on is not refused by a state that somebody makes up', async () => {
    const levels = room.get(join.state.get(stateMapKey('m.room.power_levels', '')) as string);
    bench.stateAnswer = [room.create.eventId];
    await bench.intake.storeHistory('a.test', room.roomId, [await bench.check(levels)]);
    expect((await core.events.find(levels.eventId))?.isRejected).toBe(false);
    bench.stateAnswer = undefined;
    expect(await bench.receive(room.send(said))).toBe('accepted');
    await bench.intake.storeHistory('a.test', room.roomId, [await bench.check(levels)]);
    expect((await core.events.find(levels.eventId))?.isShown).toBe(true);
  });

  it.each(['6', '11', '12'])('what a made-up state leaves out counts when it comes, in version %s', async (version) => {
    await start(version);
    const left = room.send({
      type: 'm.room.member',
      sender: mallory,
      stateKey: mallory,
      content: { membership: 'leave' },
    });
    room.send({ type: 'm.room.message', sender: creator, content: { body: 'after it' } });
    const latest = room.send({ type: 'm.room.message', sender: creator, content: { body: 'later' } });
    bench.hidden.add(left.eventId);
    bench.stateAnswer = [...join.state.values()];
    expect(await bench.receive(latest)).toBe('accepted');
    bench.hidden.clear();
    bench.stateAnswer = undefined;
    expect(await bench.receive(left)).toBe('accepted');
    expect(await bench.state()).toEqual(new Map(left.state));
    expect(await bench.receive(room.send({ type: 'm.room.message', sender: creator, content: { body: 'on' } }))).toBe(
      'accepted',
    );
    expect(await bench.state()).toEqual(new Map(left.state));
  });

  describe('a rejected event does not come back', () => {
    const takeover = (): MadeEvent =>
      room.make({
        type: 'm.room.power_levels',
        sender: mallory,
        stateKey: '',
        content: { users: { [mallory]: 100 } },
        refused: true,
      });

    it('as an event that is missing', async () => {
      const bad = takeover();
      const next = room.make({ ...said, after: [bad] });
      expect(await bench.receive(next)).toBe('accepted');
      expect((await core.events.find(bad.eventId))?.isRejected).toBe(true);
      expect(await bench.timeline()).toEqual([join.eventId, next.eventId]);
      expect(await bench.state()).toEqual(new Map(join.state));
    });

    it('as an auth event', async () => {
      const bad = takeover();
      const create = room.create;
      const member = room.get(join.state.get(stateMapKey('m.room.member', mallory)) as string);
      const resting = room.make({
        type: 'm.room.topic',
        sender: mallory,
        stateKey: '',
        content: { topic: 'mine' },
        authEvents: [create, bad, member],
      });
      expect(await bench.receive(resting)).toBe('rejected');
      expect((await core.events.find(bad.eventId))?.isRejected).toBe(true);
      await nothingCame();
    });

    it('with history', async () => {
      const older = room.get(join.pdu.prev_events[0] as string);
      const bad = room.make({
        type: 'm.room.power_levels',
        sender: mallory,
        stateKey: '',
        content: { users: { [mallory]: 100 } },
        after: [older],
        refused: true,
      });
      const stored = await bench.intake.storeHistory('a.test', room.roomId, [await bench.check(bad)]);
      expect(stored).toEqual([]);
      expect((await core.events.find(bad.eventId))?.isRejected).toBe(true);
      await nothingCame();
    });

    it('in the state of a join response', async () => {
      ({ room, join } = startRoom('11', `!hostile${rooms++}:a.test`));
      bench = new IntakeBench(core, room);
      const bad = takeover();
      const before = new Map(join.state);
      before.delete(stateMapKey('m.room.member', '@alice:test'));
      const { state, authChain } = room.withAuthChain(before);
      const levels = room.get(join.state.get(stateMapKey('m.room.power_levels', '')) as string).pdu;
      const check = (pdus: readonly Pdu[]) => bench.intake.check(room.version, room.roomId, pdus);
      await bench.intake.enterRoom({
        origin: 'a.test',
        version: room.version,
        roomId: room.roomId,
        join: await bench.check(join),
        state: await check([bad.pdu, ...state]),
        authChain: await check([...authChain, levels]),
      });
      expect(await bench.state()).toEqual(new Map(join.state));
    });
  });

  describe('events that are odd', () => {
    it('with hundreds of events before them are dropped', async () => {
      const many = Array.from({ length: 300 }, (_, i) => `$${String(i).padStart(43, 'x')}`);
      await expect(bench.check(forged({ prev_events: many }))).rejects.toThrow('first checks');
      await expect(bench.check(forged({ auth_events: many }))).rejects.toThrow('first checks');
      await nothingCame();
    });

    it('that follow an event of another room are refused', async () => {
      const other = startRoom('11', `!hostile${rooms++}:a.test`);
      await new IntakeBench(core, other.room).enter(other.join);
      await expect(bench.receive(forged({ prev_events: [other.join.eventId] }))).rejects.toThrow('another room');
      await nothingCame();
    });

    it('that rest on events of another room are rejected', async () => {
      const other = startRoom('11', `!hostile${rooms++}:a.test`);
      await new IntakeBench(core, other.room).enter(other.join);
      const levels = room.get(join.state.get(stateMapKey('m.room.power_levels', '')) as string);
      const member = other.room.get(other.join.state.get(stateMapKey('m.room.member', mallory)) as string);
      // All that the event needs is there, but the membership is another room's.
      for (const authEvents of [
        [room.create, levels, member],
        [other.room.create, room.create],
      ])
        expect(await bench.receive(room.make({ ...said, authEvents }))).toBe('rejected');
      await nothingCame();
    });

    it('that rest on a message, or twice on the same key, or on nothing, are rejected', async () => {
      const message = room.send(said);
      await bench.receive(message);
      const member = room.get(join.state.get(stateMapKey('m.room.member', mallory)) as string);
      const creators = room.get(join.state.get(stateMapKey('m.room.member', creator)) as string);
      const again = room.send({
        type: 'm.room.member',
        sender: mallory,
        stateKey: mallory,
        content: { membership: 'join', displayname: 'Mallory' },
      });
      await bench.receive(again);
      for (const authEvents of [
        [room.create, member, message],
        [room.create, member, creators],
        [room.create, member, again],
        [],
      ])
        expect(await bench.receive(room.make({ ...said, authEvents }))).toBe('rejected');
      expect(await bench.timeline()).toEqual([join.eventId, message.eventId, again.eventId]);
    });

    it('that follow nothing are rejected, and a second create event is refused', async () => {
      expect(await bench.receive(forged({ prev_events: [] }))).toBe('rejected');
      const create = room.make({
        type: 'm.room.create',
        sender: creator,
        stateKey: '',
        content: { room_version: '11' },
        after: [],
      });
      await expect(bench.receive(create)).rejects.toThrow('one create event');
      await nothingCame();
    });

    it('of the greatest depth leave room for those behind them', async () => {
      const deep = forged({ depth: Number.MAX_SAFE_INTEGER });
      expect(await bench.receive(deep)).toBe('accepted');
      const senderNid = (await core.names.findUser('@alice:test')) as never;
      const own = await core.timeline.append(await bench.nid(), {
        type: 'm.room.message',
        content: { body: 'x' },
        sender: '@alice:test',
        senderNid,
      });
      expect([own.pdu.prev_events, own.pdu.depth]).toEqual([[deep.eventId], Number.MAX_SAFE_INTEGER]);
      await expect(bench.check({ pdu: { ...deep.pdu, depth: 2 ** 53 } })).rejects.toThrow('first checks');
      expect(await bench.receive(room.make({ ...said, after: [deep], with: { depth: 0, origin_server_ts: -5 } }))).toBe(
        'accepted',
      );
    });

    it('that name each other in a circle, as ids of version 1 allow, stop nobody', async () => {
      await start('1');
      const reference = (id: string): [string, JsonObject] => [id, { sha256: 'x' }];
      const own = { event_id: '$circle1:b.test' };
      const one = forged({ ...own, prev_events: [reference('$circle2:b.test')] });
      const two = forged({ event_id: '$circle2:b.test', prev_events: [reference('$circle1:b.test')] });
      // Each stands on the state that the other server tells; the room goes on behind them.
      expect(await bench.receive(one)).toBe('accepted');
      expect(await bench.receive(two)).toBe('known');
      expect(await bench.receive(room.make({ ...said, after: [one, join] }))).toBe('accepted');
      const timeline = await bench.timeline();
      const three = forged({ event_id: '$circle3:b.test', auth_events: [reference('$circle3:b.test')] });
      await expect(bench.receive(three)).rejects.toThrow('auth events');
      expect(await bench.timeline()).toEqual(timeline);
      expect(await bench.state()).toEqual(new Map(join.state));
    });
  });

  describe('missing events', () => {
    it('that have nothing to do with the event are not taken', async () => {
      const unrelated = room.make({ ...said, content: { body: 'unrelated' } });
      const first = room.send(said);
      const second = room.send(said);
      bench.missingAnswer = [unrelated.pdu, first.pdu, second.pdu, { ...first.pdu, depth: 77 }];
      expect(await bench.receive(second)).toBe('accepted');
      expect(await bench.timeline()).toEqual([join.eventId, first.eventId, second.eventId]);
    });

    it('of which the server tells no state keep what follows them out', async () => {
      const hidden = room.send(said);
      const middle = room.send(said);
      const last = room.send(said);
      bench.hidden.add(hidden.eventId);
      await expect(bench.receive(last)).rejects.toThrow('missing');
      await nothingCame();
      expect(await core.events.find(middle.eventId)).toBeUndefined();
    });
  });

  describe('forks of the state', () => {
    it('by hundreds are folded, and cost no more with each', { timeout: 60_000 }, async () => {
      const base = [room.newest[0] as MadeEvent];
      for (let i = 0; i < 200; i++) {
        const fork = room.make({
          type: 'm.room.member',
          sender: mallory,
          stateKey: mallory,
          content: { membership: 'join', displayname: `${i}` },
          after: base,
        });
        expect(await bench.receive(fork)).toBe('accepted');
        expect((await bench.head()).extremities.length).toBeLessThanOrEqual(10);
      }
    });

    it.each(['6', '11', '12'])('do not give power back that was taken (version %s)', async (version) => {
      await start(version);
      const boss = '@p1:a.test';
      const levels = room.get(join.state.get(stateMapKey('m.room.power_levels', '')) as string).pdu.content as {
        users: JsonObject;
      };
      const before = room.newest;
      const demotion = room.send({
        type: 'm.room.power_levels',
        sender: creator,
        stateKey: '',
        content: { ...levels, users: { ...levels.users, [boss]: 0 } },
      });
      await bench.receive(demotion);
      await bench.receive(
        room.send({ type: 'm.room.member', sender: creator, stateKey: eve, content: { membership: 'ban' } }),
      );
      const back = room.make({
        type: 'm.room.power_levels',
        sender: boss,
        stateKey: '',
        content: { ...levels, users: { ...levels.users, [eve]: 50 } },
        after: before,
      });
      expect(['accepted', 'soft-failed']).toContain(await bench.receive(back));
      const topic = room.make({
        type: 'm.room.topic',
        sender: boss,
        stateKey: '',
        content: { topic: 'mine' },
        after: [back],
      });
      expect(['accepted', 'soft-failed']).toContain(await bench.receive(topic));
      const state = await bench.state();
      expect(state.get(stateMapKey('m.room.power_levels', ''))).toBe(demotion.eventId);
      expect(state.has(stateMapKey('m.room.topic', ''))).toBe(false);
    });
  });
});
