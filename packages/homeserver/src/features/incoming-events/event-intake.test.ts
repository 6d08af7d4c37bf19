import { describeDatabases } from '@myelin/database/testing';
import { prevEventIds, stateMapKey, type JsonObject } from '@myelin/protocol';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Core } from '../../core.ts';
import { allMigrations } from '../../migrations.ts';
import { Metrics } from '../../observability/metrics.ts';
import { countResolutions } from '../state-resolution/index.ts';
import { IntakeBench } from './testing/intake-bench.ts';
import { FictitiousServers, OtherRoom, type MadeEvent } from './testing/other-room.ts';

const creator = '@creator:a.test';
const bob = '@bob:b.test';
const alice = '@alice:test';
const message = (sender: string, body: string): { type: string; sender: string; content: { body: string } } => ({
  type: 'm.room.message',
  sender,
  content: { body },
});

describeDatabases((open) => {
  let core: Core;
  let bench: IntakeBench;
  let rooms = 0;
  let room: OtherRoom;
  let join: MadeEvent;

  const named = (displayname: string): MadeEvent =>
    room.member(bob, 'join', { content: { membership: 'join', displayname } });

  async function start(version = '11'): Promise<void> {
    room = new OtherRoom(new FictitiousServers(), creator, version, `!room${rooms++}:a.test`);
    room.newest = [room.create];
    room.member(creator, 'join');
    room.send({
      type: 'm.room.power_levels',
      sender: creator,
      stateKey: '',
      content: { users: version === '12' ? { [bob]: 50 } : { [creator]: 100, [bob]: 50 }, state_default: 50 },
    });
    room.send({ type: 'm.room.join_rules', sender: creator, stateKey: '', content: { join_rule: 'public' } });
    room.member(bob, 'join');
    join = room.member(alice, 'join');
    bench = new IntakeBench(core, room);
    await bench.enter(join);
  }
  beforeAll(async () => {
    core = await IntakeBench.open(await open(allMigrations));
  });
  beforeEach(() => start());

  describe('a room of others', () => {
    it.each(['1', '2', '3', '5', '8', '10', '12'])('is entered and followed in version %s', async (version) => {
      await start(version);
      expect(await bench.state()).toEqual(join.state);
      expect(await bench.receive(room.send(message(bob, 'hello')))).toBe('accepted');
      expect(
        await bench.receive(room.send({ type: 'm.room.topic', sender: bob, stateKey: '', content: { topic: 'x' } })),
      ).toBe('accepted');
      expect(await bench.state()).toEqual(room.newest[0]?.state);
      expect((await bench.head()).extremities.map((event) => event.eventId)).toEqual([room.newest[0]?.eventId]);
    });

    it('has the members that its state has', async () => {
      const ids = await core.names.userIds(await core.members.joinedUsers(await bench.nid()));
      expect(new Set(ids.values())).toEqual(new Set([creator, bob, alice]));
    });

    it('is written in by local users, behind what others sent', async () => {
      const said = room.send(message(bob, 'hello'));
      await bench.receive(said);
      const sender = await core.names.findUser(alice);
      const own = await core.timeline.append(await bench.nid(), {
        ...message(alice, 'hi'),
        senderNid: sender as never,
      });
      expect(own.pdu.prev_events).toEqual([said.eventId]);
      expect(own.pdu.depth).toBe(said.pdu.depth + 1);
    });

    it('knows an event that comes twice', async () => {
      const said = room.send(message(bob, 'hello'));
      expect(await bench.receive(said)).toBe('accepted');
      expect(await bench.receive(said)).toBe('known');
      expect(await bench.timeline()).toEqual([join.eventId, said.eventId]);
    });
  });

  describe('an event that the rules refuse', () => {
    it('is kept aside, and never shown nor followed', async () => {
      const topic = room.make({ type: 'm.room.topic', sender: '@eve:b.test', stateKey: '', content: { topic: 'x' } });
      expect(await bench.receive(topic)).toBe('rejected');
      expect(await bench.receive(topic)).toBe('rejected');
      expect(await bench.timeline()).toEqual([join.eventId]);
      expect(await bench.state()).toEqual(join.state);
      expect((await bench.head()).extremities.map((event) => event.eventId)).toEqual([join.eventId]);
    });

    it('takes what rests on it along, and what merely follows it not', async () => {
      const eveJoins = room.make({
        type: 'm.room.member',
        sender: '@eve:b.test',
        stateKey: '@eve:b.test',
        content: { membership: 'invite' },
        refused: true,
      });
      expect(await bench.receive(eveJoins)).toBe('rejected');
      const resting = room.make({ ...message('@eve:b.test', 'x'), authEvents: [room.create, eveJoins] });
      expect(await bench.receive(resting)).toBe('rejected');
      const following = room.make({ ...message(bob, 'y'), after: [eveJoins] });
      expect(await bench.receive(following)).toBe('accepted');
      expect((await bench.head()).extremities.map((event) => event.eventId)).toEqual([following.eventId]);
    });

    it('is no event at all without a good signature', async () => {
      const said = room.make(message(bob, 'hello'));
      await expect(bench.check({ pdu: { ...said.pdu, depth: 9 } })).rejects.toThrow('first checks');
      await expect(bench.check({ pdu: { ...said.pdu, signatures: {} } })).rejects.toThrow('first checks');
    });

    it('is kept in its redacted form if only the content is another', async () => {
      const said = room.make(message(bob, 'hello'));
      const checked = await bench.check({ pdu: { ...said.pdu, content: { body: 'other' } } });
      expect(checked.eventId).toBe(said.eventId);
      const { event, verdict } = await bench.intake.receive('b.test', room.roomId, checked);
      expect([verdict, event.content]).toEqual(['accepted', {}]);
    });
  });

  describe('an event that was allowed where it stands and is not any more', () => {
    it('soft-fails: it is never shown, and what follows it counts', async () => {
      const before = room.newest;
      await bench.receive(room.member(bob, 'ban', { sender: creator }));
      const late = room.make({ ...message(bob, 'before you banned me'), after: before });
      expect(await bench.receive(late)).toBe('soft-failed');
      expect(await bench.timeline()).not.toContain(late.eventId);
      const heads = (await bench.head()).extremities.map((event) => event.eventId);
      expect(heads).toEqual(room.newest.map((event) => event.eventId));
      const merge = room.send({ ...message(creator, 'both'), after: [...room.newest, late] });
      expect(await bench.receive(merge)).toBe('accepted');
      expect((await bench.head()).extremities.map((event) => event.eventId)).toEqual([merge.eventId]);
      expect(bench.softFailed).toBe(1);
    });

    it('soft-fails also if it is fetched as what another follows', async () => {
      const before = room.newest;
      await bench.receive(room.member(bob, 'ban', { sender: creator }));
      const late = room.make({ ...message(bob, 'before you banned me'), after: before });
      expect(await bench.receive(room.send({ ...message(creator, 'x'), after: [...room.newest, late] }))).toBe(
        'accepted',
      );
      expect((await core.events.find(late.eventId))?.isSoftFailed).toBe(true);
      expect(bench.softFailed).toBe(1);
    });
  });

  describe('an event that follows one that soft-failed', () => {
    it('is judged by the current state, whatever the hidden branch has made of its own', async () => {
      const before = room.newest;
      const levels = (users: JsonObject) => ({
        type: 'm.room.power_levels',
        sender: creator,
        stateKey: '',
        content: { users: { [creator]: 100, ...users } },
      });
      await bench.receive(room.send(levels({ '@dave:b.test': 100 })));
      await bench.receive(room.member(bob, 'ban', { sender: creator }));
      const hidden = room.make({ ...levels({ [bob]: 100 }), after: before, with: { origin_server_ts: 1 } });
      expect(await bench.receive(hidden)).toBe('soft-failed');
      const said = room.make({ ...message(bob, 'I am still here'), after: [hidden] });
      expect(await bench.receive(said)).toBe('soft-failed');
      expect(await bench.timeline()).not.toContain(said.eventId);
    });
  });

  describe('a fork', () => {
    it('is resolved, told by position, and joined by the next event', async () => {
      const base = room.newest;
      const left = room.make({
        type: 'm.room.topic',
        sender: bob,
        stateKey: '',
        content: { topic: 'left' },
        after: base,
      });
      const right = room.make({
        type: 'm.room.topic',
        sender: creator,
        stateKey: '',
        content: { topic: 'right' },
        after: base,
      });
      await bench.receive(left);
      await bench.receive(right);
      const resolved = room.stateAfterAll([left, right]);
      expect(await bench.state()).toEqual(resolved);
      expect((await bench.head()).extremities).toHaveLength(2);
      const point = await core.events.timeline.pointAt(await bench.nid(), core.streams.current());
      expect(point?.state).toBe((await bench.head()).state);
      const merge = room.make({ ...message(bob, 'both'), after: [left, right] });
      await bench.receive(merge);
      const stored = await core.events.find(merge.eventId);
      expect(stored?.fields.stateBefore).toBe((await bench.head()).state);
      expect(await bench.state()).toEqual(resolved);
    });

    it('is resolved once for a state, whatever follows it', async () => {
      const base = room.newest;
      const topic = (sender: string, text: string) =>
        room.make({ type: 'm.room.topic', sender, stateKey: '', content: { topic: text }, after: base });
      const ends = [topic(bob, 'left'), topic(creator, 'right')];
      const metrics = new Metrics('test', '0', false);
      countResolutions(core.resolver, metrics);
      for (const end of ends) await bench.receive(end);
      const compared = vi.spyOn(core.maps, 'diff');
      const said = room.make({ ...message(bob, 'on one side'), after: [ends[1] as MadeEvent] });
      expect(await bench.receive(said)).toBe('accepted');
      expect(await bench.receive(room.make({ ...message(bob, 'both'), after: [said, ends[0] as MadeEvent] }))).toBe(
        'accepted',
      );
      const times = compared.mock.calls.length;
      compared.mockRestore();
      expect(await bench.state()).toEqual(room.stateAfterAll(ends));
      expect(times).toBe(0);
      const figures = await metrics.registry.metrics();
      expect(figures).toMatch(/state_groups_in_resolution_count\{[^}]*\} 1$/m);
      expect(figures).toMatch(/state_groups_in_resolution_sum\{[^}]*\} 2$/m);
    });

    it('changes what is known of members even if no event of theirs came', async () => {
      const eve = '@eve:b.test';
      const base = room.newest;
      const eveJoins = room.make({
        type: 'm.room.member',
        sender: eve,
        stateKey: eve,
        content: { membership: 'join' },
        after: base,
      });
      await bench.receive(eveJoins);
      const closed = room.make({
        type: 'm.room.join_rules',
        sender: creator,
        stateKey: '',
        content: { join_rule: 'invite' },
        after: base,
      });
      await bench.receive(closed);
      expect(await bench.state()).toEqual(room.stateAfterAll([eveJoins, closed]));
      const nid = await core.names.findUser(eve);
      const inState = (await bench.state()).has(stateMapKey('m.room.member', eve));
      expect(await core.members.isJoined(await bench.nid(), nid as never)).toBe(inState);
    });
  });

  describe('events that are missing', () => {
    it('are fetched when one comes that follows them', async () => {
      const events = [1, 2, 3].map((n) => room.send(message(bob, `${n}`)));
      expect(await bench.receive(events[2]!)).toBe('accepted');
      expect(await bench.timeline()).toEqual([join.eventId, ...events.map((event) => event.eventId)]);
      expect(bench.asked).toEqual(['getMissingPreviousEvents']);
    });

    it('keep the one that follows them out if nobody tells them', async () => {
      const [first, second] = [1, 2].map((n) => room.send(message(bob, `${n}`)));
      bench.missingAnswer = [];
      await expect(bench.receive(second!)).rejects.toThrow('missing');
      expect(bench.asked).toEqual(['getMissingPreviousEvents', 'getMissingPreviousEvents']);
      expect(await bench.timeline()).toEqual([join.eventId]);
      bench.missingAnswer = [first!.pdu];
      expect(await bench.receive(second!)).toBe('accepted');
    });

    it('leave a gap where they are too many; the state there is asked for', async () => {
      room.send({ type: 'm.room.topic', sender: bob, stateKey: '', content: { topic: 'in the gap' } });
      const events = Array.from({ length: 30 }, (_, n) => room.send(message(bob, `${n}`)));
      expect(await bench.receive(events.at(-1)!)).toBe('accepted');
      expect(await bench.state()).toEqual(room.newest[0]?.state);
      expect(bench.asked).toContain('getRoomStateIds');
      const gaps = await bench.core.historyGaps.gapsUpTo(await bench.nid(), 1e15, 10);
      expect(gaps.map((gap) => gap.eventId)).toContain(events[8]!.eventId);
    });

    it('may be older than our coming into the room, beside it', async () => {
      const base = room.get(prevEventIds(join.pdu, room.version)[0] as string);
      const beside = room.make({ ...message(bob, 'beside'), after: [base] });
      const kicks = room.member(alice, 'leave', { sender: creator, after: [join, beside] });
      expect(beside.pdu.depth).toBeLessThanOrEqual(join.pdu.depth);
      const older = room.make({
        ...message(creator, 'older'),
        after: [room.get(prevEventIds(base.pdu, room.version)[0]!)],
      });
      const after = room.send({ ...message(bob, 'after'), after: [join, older] });
      expect(await bench.receive(after)).toBe('accepted');
      expect(await bench.receive(kicks)).toBe('accepted');
      expect((await core.events.find(older.eventId))?.position).toBeLessThan(0);
      expect((await bench.state()).get(stateMapKey('m.room.member', alice))).toBe(kicks.eventId);
    });

    it('and are fetched by themselves if they follow what came while this server was there before', async () => {
      const base = room.newest;
      const beside = room.make({ ...message(bob, 'beside'), after: base });
      const ban = room.make({
        type: 'm.room.member',
        sender: creator,
        stateKey: alice,
        content: { membership: 'ban' },
        after: [beside],
      });
      await bench.receive(room.member(alice, 'leave'));
      for (let i = 0; i < 3; i++) room.send(message(bob, `${i}`));
      await bench.enter(room.member(alice, 'join'));
      expect(beside.pdu.depth).toBeLessThan(room.newest[0]!.pdu.depth);
      expect(await bench.receive(ban)).toBe('accepted');
      expect((await bench.state()).get(stateMapKey('m.room.member', alice))).toBe(ban.eventId);
    });

    // What the simulator's seed 1217 found: else the state after the refused event is what its maker tells.
    it('may be refused, before one that has a false depth', async () => {
      const topic = { type: 'm.room.topic', sender: alice, stateKey: '', content: { topic: 'not hers' } };
      const refused = room.make({ ...topic, refused: true, after: [join] });
      const shallow = room.make({ ...message(bob, 'from far below'), after: [refused], with: { depth: 1 } });
      bench.asked.length = 0;
      expect(await bench.receive(room.make({ ...message(creator, 'after it'), after: [shallow] }))).toBe('accepted');
      expect((await core.events.find(refused.eventId))?.isRejected).toBe(true);
      expect((await core.events.find(shallow.eventId))?.isShown).toBe(true);
      expect(bench.asked).not.toContain('getRoomStateIds');
    });

    it('may rest on a chain of authorization that only the state there tells', async () => {
      bench.refused.add('getEventAuth');
      const names = Array.from({ length: 60 }, (_, n) => named(`${n}`));
      expect(await bench.receive(names.at(-1)!)).toBe('accepted');
      expect(await bench.state()).toEqual(room.newest[0]?.state);
    });

    it('are no reason to keep what rests on an event that nobody tells', async () => {
      const before = room.newest;
      const names = Array.from({ length: 5 }, (_, n) => named(`${n}`));
      bench.refused.add('getEventAuth').add('getRoomState');
      bench.hidden.add(names[1]!.eventId);
      const [, second, third] = [1, 2, 3].map((n) => room.send(message(bob, `${n}`)));
      bench.missingAnswer = [second!.pdu];
      await expect(bench.receive(third!)).rejects.toThrow('missing');
      expect(bench.asked).toContain('getRoomStateIds');
      for (const name of names.slice(1)) expect(await core.events.find(name.eventId)).toBeUndefined();
      expect(await bench.receive(room.make({ ...message(bob, 'still here'), after: before }))).toBe('accepted');
      expect(await bench.state()).toEqual(join.state);
    });

    it('may be auth events', async () => {
      const eve = '@eve:b.test';
      const joins = room.send({ type: 'm.room.member', sender: eve, stateKey: eve, content: { membership: 'join' } });
      const says = room.make({
        ...message(eve, 'x'),
        after: [join],
        authEvents: [room.create, joins, room.get(join.state.get(stateMapKey('m.room.power_levels', '')) as string)],
      });
      // Its auth events allow it, the state before it doesn't.
      expect(await bench.receive(says)).toBe('rejected');
      expect((await bench.core.events.find(joins.eventId))?.isOutlier).toBe(true);
      expect(await bench.receive(joins)).toBe('accepted');
      expect((await bench.core.events.find(joins.eventId))?.isOutlier).toBe(false);
      expect(await bench.state()).toEqual(joins.state);
    });
  });

  it('history gets places before all that was there', async () => {
    const older = [...room.events.values()].filter((event) => event !== join);
    const checked = await bench.intake.check(
      room.version,
      room.roomId,
      older.map((event) => event.pdu),
    );
    const stored = await bench.intake.storeHistory('a.test', room.roomId, checked);
    expect(stored.map((event) => event.eventId)).toEqual(older.map((event) => event.eventId));
    expect(stored.every((event) => (event.position ?? 1) < 0)).toBe(true);
    expect(await bench.core.historyGaps.gapsUpTo(await bench.nid(), 1e15, 10)).toEqual([]);
    const points = await bench.core.events.timeline.upTo(await bench.nid(), { depth: 1e15, position: 1e15 }, 100);
    expect(points.map((event) => event.eventId)).toEqual([...room.events.keys()].toReversed());
    expect(await bench.state()).toEqual(join.state);
    expect(await bench.head()).toMatchObject({ extremities: [{ eventId: join.eventId }] });
  });
});
