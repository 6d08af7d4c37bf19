import { describeDatabases } from '@myelin/database/testing';
import { prevEventIds } from '@myelin/protocol';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import type { Core } from '../../../core.ts';
import { allMigrations } from '../../../migrations.ts';
import type { StoredEvent } from '../../events/index.ts';
import { IntakeBench } from '../testing/intake-bench.ts';
import { FictitiousServers, OtherRoom, type EventToMake, type MadeEvent } from '../testing/other-room.ts';

const creator = '@creator:a.test';
const bob = '@bob:b.test';
const carol = '@carol:c.test';
const alice = '@alice:test';
const message = (sender: string, body: string): EventToMake => ({ type: 'm.room.message', sender, content: { body } });

describeDatabases((open) => {
  let core: Core;
  let bench: IntakeBench;
  let rooms = 0;
  let room: OtherRoom;
  let late: MadeEvent;
  let first: MadeEvent;

  beforeAll(async () => {
    core = await IntakeBench.open(await open(allMigrations));
  });
  /** An event is missing here, and what comes after it has come with a state in which neither that event is nor bob. */
  beforeEach(async () => {
    room = new OtherRoom(new FictitiousServers(), creator, '11', `!mended${rooms++}:a.test`);
    room.newest = [room.create];
    room.member(creator, 'join');
    const content = { users: { [creator]: 100 }, state_default: 0 };
    room.send({ type: 'm.room.power_levels', sender: creator, stateKey: '', content });
    room.send({ type: 'm.room.join_rules', sender: creator, stateKey: '', content: { join_rule: 'public' } });
    const member = room.member(bob, 'join');
    room.member(carol, 'join');
    bench = new IntakeBench(core, room);
    await bench.enter(room.member(alice, 'join'));
    late = room.send({ type: 'm.room.topic', sender: carol, stateKey: '', content: { topic: 'late' } });
    first = room.send(message(carol, 'first'));
    bench.hidden.add(late.eventId);
    bench.missingAnswer = [first.pdu];
    bench.stateAnswer = [...late.state.values()].filter((id) => id !== late.eventId && id !== member.eventId);
  });
  const ids = async (): Promise<string[]> => [...(await bench.state()).values()].toSorted();

  it('what was told of the state before an event counts no more when that is found out', async () => {
    expect(await bench.receive(room.send(message(carol, 'second')))).toBe('accepted');
    expect(await ids()).not.toContain(late.eventId);
    bench.hidden.clear();
    expect(await bench.receive(late)).toBe('accepted');
    const last = room.send(message(bob, 'last'));
    expect(await bench.receive(last)).toBe('accepted');
    expect(await ids()).toEqual([...last.state.values()].toSorted());
    expect((await bench.head()).extremities.map(({ eventId }) => eventId)).toEqual([last.eventId]);
  });

  it('and what was refused by it is taken back', async () => {
    const refused = room.send(message(bob, 'second'));
    await bench.receive(refused);
    const third = room.send(message(carol, 'third'));
    await bench.receive(third);
    bench.hidden.clear();
    const back: string[] = [];
    core.revisions.onRevision(async (_writer, revision) => {
      back.push(...revision.back.map(({ eventId }) => eventId));
    });
    await bench.receive(late);
    expect(back).toEqual([refused.eventId]);
    const timeline = await bench.timeline();
    for (const { eventId } of [late, first, refused, third]) expect(timeline).toContain(eventId);
    expect(await ids()).toEqual([...third.state.values()].toSorted());
  });

  // The simulator's seed 2229 with three hostile servers.
  it('also where it is found out by events that nobody is shown', async () => {
    const [before] = room.newest as [MadeEvent];
    const other = room.make({ type: 'm.room.topic', sender: carol, stateKey: '', content: { topic: 'elsewhere' } });
    const hidden = room.make({ ...message(bob, 'hidden'), after: [late] });
    const behind = room.make({ ...message(bob, 'and behind it'), after: [hidden] });
    const ban = room.member(bob, 'ban', { sender: creator, after: [before] });
    const follower = room.send({ ...message(carol, 'follows'), after: [behind, ban] });
    bench.hidden.clear();
    bench.missingAnswer = undefined;
    bench.stateAnswer = undefined;
    expect(await bench.receive(ban)).toBe('accepted');
    for (const { eventId } of [hidden, behind]) bench.hidden.add(eventId);
    bench.stateAnswer = [...other.state.values()];
    bench.missingAnswer = [follower.pdu];
    expect(await bench.receive(room.send({ ...message(carol, 'last'), after: [follower] }))).toBe('accepted');
    expect(await idsBefore(follower)).toContain(other.eventId);
    bench.hidden.clear();
    expect(await bench.receive(hidden)).toBe('soft-failed');
    expect(await bench.receive(behind)).toBe('soft-failed');
    expect(await idsBefore(follower)).toEqual([...follower.state.values()].toSorted());
  });

  // The simulator's seed 2453 with three hostile servers.
  it('and where it is found out by what came while this server was in the room before', async () => {
    const other = room.make({ type: 'm.room.topic', sender: carol, stateKey: '', content: { topic: 'elsewhere' } });
    bench.hidden.clear();
    bench.missingAnswer = undefined;
    bench.stateAnswer = undefined;
    expect(await bench.receive(room.member(alice, 'leave'))).toBe('accepted');
    const [start, between] = [room.send(message(carol, 'meanwhile')), room.send(message(carol, 'and then'))];
    const beside = room.make(message(bob, 'beside the return'));
    await bench.enter(room.member(alice, 'join'));
    for (const { eventId } of [start, between]) bench.hidden.add(eventId);
    bench.missingAnswer = [beside.pdu];
    bench.stateAnswer = [...other.state.values()];
    await bench.receive(room.make({ ...message(bob, 'last'), after: [beside] }));
    expect(await idsBefore(beside)).toContain(other.eventId);
    bench.hidden.clear();
    const history = await Promise.all([start, between].map((event) => bench.check(event)));
    await bench.intake.storeHistory('a.test', room.roomId, history);
    expect(await idsBefore(beside)).toEqual([...between.state.values()].toSorted());
  });

  // The simulator's seeds 2025 and 2035 with hostile servers, one of which told a state without itself.
  it('and where nothing is missing any more down to the first event of the room', async () => {
    const past = [...room.events.values()].slice(0, 6);
    const [, , , , member, newest] = past as [MadeEvent, MadeEvent, MadeEvent, MadeEvent, MadeEvent, MadeEvent];
    const beside = room.make({ ...message(bob, 'beside the join'), after: [newest] });
    const older = room.make({ ...message(bob, 'of before it'), after: [newest], with: { depth: 5 } });
    const follower = room.make({ ...message(carol, 'follows'), after: [beside, older, first] });
    bench.hidden.clear();
    bench.missingAnswer = [beside.pdu, older.pdu, late.pdu, first.pdu];
    bench.stateAnswer = past.slice(0, 4).map(({ eventId }) => eventId);
    expect(await bench.receive(follower)).toBe('accepted');
    const kept = (each: MadeEvent): Promise<StoredEvent> => core.events.find(each.eventId) as Promise<StoredEvent>;
    for (const each of [beside, older]) expect((await kept(each)).isRejected).toBe(true);
    const pages = [[newest], [member], past.slice(0, 4)];
    for (const [i, page] of pages.entries()) {
      await bench.intake.storeHistory('a.test', room.roomId, await Promise.all(page.map((each) => bench.check(each))));
      expect((await kept(beside)).isRejected).toBe(i < 2);
    }
    for (const each of [beside, older, follower])
      expect(await idsBefore(each)).toEqual([...room.stateAfterAll(before(each)).values()].toSorted());
    expect((await kept(beside)).position).toBeGreaterThan(0);
    expect((await kept(older)).position).toBeLessThan(0);
    expect((await bench.head()).extremities.map(({ eventId }) => eventId)).toEqual([follower.eventId]);
  });

  // The simulator's seed 173: a hostile server kept the event back and told a state without it.
  it('who sends other events later is asked for what is missing before those that are here', async () => {
    expect(await bench.receive(room.send(message(carol, 'second')))).toBe('accepted');
    expect(await idsBefore(first)).not.toContain(late.eventId);
    bench.hidden.clear();
    bench.missingAnswer = undefined;
    const last = room.send(message(carol, 'third'));
    bench.asked.length = 0;
    expect(await bench.intake.receive('c.test', room.roomId, await bench.check(last))).toMatchObject({
      verdict: 'accepted',
    });
    expect(bench.asked).toEqual(['getEvent']);
    expect(await idsBefore(first)).toEqual([...late.state.values()].toSorted());
    expect(await ids()).toEqual([...last.state.values()].toSorted());
  });

  it('who made the event that is missing is believed before who sent what follows it', async () => {
    bench.hidden.clear();
    bench.liars = new Set(['a.test']);
    expect(await bench.receive(room.send(message(carol, 'second')))).toBe('accepted');
    // The missing event is of carol's server.
    expect(await membersBefore(first)).toContain(bob);
  });

  it('unless it tells of what came later', async () => {
    bench.hidden.clear();
    bench.liars = new Set(['c.test']);
    const later = room.make({ type: 'm.room.topic', sender: carol, stateKey: '', content: { topic: 'later' } });
    bench.stateAnswer = [...later.state.values()];
    expect(await bench.receive(room.send(message(carol, 'second')))).toBe('accepted');
    expect(await idsBefore(first)).toEqual([...late.state.values()].toSorted());
  });

  it('then who made what follows it is asked before who sent that', async () => {
    bench.hidden.clear();
    const byBob = room.make({ ...message(bob, 'by bob'), after: [late] });
    bench.missingAnswer = [byBob.pdu];
    bench.liars = new Set(['a.test', 'c.test']);
    const later = room.make({ type: 'm.room.topic', sender: carol, stateKey: '', content: { topic: 'later' } });
    bench.stateAnswer = [...later.state.values()];
    expect(await bench.receive(room.make({ ...message(bob, 'second'), after: [byBob] }))).toBe('accepted');
    expect(await idsBefore(byBob)).toEqual([...late.state.values()].toSorted());
  });

  it('or, where nobody else tells, of the state after the event', async () => {
    bench.hidden.clear();
    const missed = room.send({ type: 'm.room.topic', sender: creator, stateKey: '', content: { topic: 'missed' } });
    const told = room.send(message(creator, 'told'));
    bench.missingAnswer = [told.pdu];
    bench.stateAnswer = [...missed.state.values()];
    expect(await bench.receive(room.send(message(creator, 'last')))).toBe('accepted');
    expect(await idsBefore(told)).toEqual([...missed.state.values()].toSorted());
  });

  it('or does not answer', async () => {
    bench.hidden.clear();
    bench.silent.add('c.test');
    expect(await bench.receive(room.send(message(carol, 'second')))).toBe('accepted');
    expect(await membersBefore(first)).not.toContain(bob);
  });

  function before({ pdu }: MadeEvent): MadeEvent[] {
    return prevEventIds(pdu, room.version).map((id) => room.get(id));
  }

  async function idsBefore({ eventId }: MadeEvent): Promise<string[]> {
    const event = await core.events.find(eventId);
    return (await core.states.all(event!.fields.stateBefore)).map((each) => each.eventId).toSorted();
  }

  async function membersBefore({ eventId }: MadeEvent): Promise<(string | undefined)[]> {
    const event = await core.events.find(eventId);
    return (await core.states.all(event!.fields.stateBefore)).map(({ stateKey }) => stateKey);
  }
});
