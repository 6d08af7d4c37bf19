import { describe, expect, it } from 'vitest';
import { stateMapKey, type EventReference } from '../events/event.ts';
import { RoomBuilder, RoomLine, type BuiltState } from '../testing/room-builder.ts';
import type { ResolutionObserver, ResolutionStep } from './resolution-step.ts';
import { resolveStateSets } from './state-sets.ts';

const alice = '@alice:one.test';
const bob = '@bob:two.test';
const carol = '@carol:three.test';

function startRoom(version: string): RoomLine {
  const line = new RoomLine(new RoomBuilder(version, alice));
  line.member(alice, 'join');
  const users = { ...(version !== '12' && { [alice]: 100 }), [bob]: 50 };
  line.add({ type: 'm.room.power_levels', sender: alice, stateKey: '', content: { users } });
  line.add({ type: 'm.room.join_rules', sender: alice, stateKey: '', content: { join_rule: 'public' } });
  line.member(bob, 'join');
  line.member(carol, 'join');
  return line;
}

interface Change {
  readonly rejected?: string;
  readonly byState?: boolean;
  readonly observe?: ResolutionObserver;
}

function resolve(lines: readonly RoomLine[], change: Change = {}): BuiltState {
  const { room } = lines[0]!;
  return resolveStateSets({
    version: room.version,
    roomId: room.roomId,
    stateSets: lines.map(({ state }) => [...state.values()]),
    ...(change.observe && { observe: change.observe }),
    event(id) {
      const event = room.events.get(id);
      if (!event || id !== change.rejected) return event;
      return { ...event, rejected: true, rejectedByState: change.byState ?? false };
    },
  });
}

function at(state: BuiltState, type: string, stateKey = ''): string | undefined {
  return state.get(stateMapKey(type, stateKey));
}

const v2Versions = ['2', '10', '12'];

describe.each(v2Versions)('resolution of version %s', (version) => {
  it('lets a ban win over what the banned do at the same time', () => {
    const line = startRoom(version);
    const [ours, theirs] = [line.fork(), line.fork()];
    const ban = ours.member(alice, 'ban', bob);
    theirs.add({ type: 'm.room.topic', sender: bob, stateKey: '', content: { topic: 'x' } });
    theirs.member(bob, 'leave', carol);
    const result = resolve([ours, theirs]);
    expect(at(result, 'm.room.member', bob)).toBe(ban.eventId);
    expect(at(result, 'm.room.topic')).toBeUndefined();
    expect(at(result, 'm.room.member', carol)).toBe(at(line.state, 'm.room.member', carol));
  });

  it('replays the higher power first', () => {
    const line = startRoom(version);
    const [ours, theirs] = [line.fork(), line.fork()];
    theirs.add({
      type: 'm.room.join_rules',
      sender: bob,
      stateKey: '',
      content: { join_rule: 'invite' },
      timestamp: 5,
    });
    const users = version === '12' ? {} : { [alice]: 100 };
    const levels = { type: 'm.room.power_levels', sender: alice, stateKey: '', content: { users }, timestamp: 1000 };
    const demotion = ours.add(levels);
    const result = resolve([ours, theirs]);
    expect(at(result, 'm.room.power_levels')).toBe(demotion.eventId);
    // Bob's event is older, but by the time that it is replayed bob has lost his power.
    expect(at(result, 'm.room.join_rules')).toBe(at(line.state, 'm.room.join_rules'));
  });

  it('takes the later of two equal events, then the greater id', () => {
    const line = startRoom(version);
    const [ours, theirs, others] = [line.fork(), line.fork(), line.fork()];
    const topic = (fork: RoomLine, timestamp: number): string =>
      fork.add({ type: 'm.room.topic', sender: alice, stateKey: '', timestamp }).eventId;
    const [first, second] = [topic(ours, 2000), topic(theirs, 1999)];
    expect(at(resolve([ours, theirs]), 'm.room.topic')).toBe(first);
    const third = topic(others, 2000);
    expect(at(resolve([others, theirs, ours]), 'm.room.topic')).toBe([first, third].sort()[1]);
    expect(second).not.toBe(third);
  });

  it('orders by the mainline before time', () => {
    const line = startRoom(version);
    const old = line.fork();
    const stale = old.add({
      type: 'm.room.topic',
      sender: alice,
      stateKey: '',
      content: { topic: 'stale' },
      timestamp: 9e6,
    });
    const content = { users: version === '12' ? {} : { [alice]: 100 }, ban: 60 };
    line.add({ type: 'm.room.power_levels', sender: alice, stateKey: '', content });
    const fresh = line.add({
      type: 'm.room.topic',
      sender: alice,
      stateKey: '',
      content: { topic: 'fresh' },
      timestamp: 9,
    });
    expect(at(resolve([old, line]), 'm.room.topic')).toBe(fresh.eventId);
    expect(stale.pdu.origin_server_ts).toBeGreaterThan(fresh.pdu.origin_server_ts);
  });

  it('never takes an event that was rejected, unless only the state before it was against it', () => {
    const line = startRoom(version);
    const [ours, theirs] = [line.fork(), line.fork()];
    const rejected = ours.add({ type: 'm.room.topic', sender: alice, stateKey: '' }).eventId;
    theirs.add({ type: 'm.room.name', sender: alice, stateKey: '' });
    expect(at(resolve([ours, theirs]), 'm.room.topic')).toBe(rejected);
    expect(at(resolve([ours, theirs], { rejected }), 'm.room.topic')).toBeUndefined();
    expect(at(resolve([ours, theirs], { rejected, byState: true }), 'm.room.topic')).toBe(rejected);
  });
});

describe('an observer', () => {
  it.each(v2Versions)('is told how version %s decided', (version) => {
    const line = startRoom(version);
    const [ours, theirs] = [line.fork(), line.fork()];
    const ban = ours.member(alice, 'ban', bob);
    const topic = theirs.add({ type: 'm.room.topic', sender: bob, stateKey: '' });
    const steps: ResolutionStep[] = [];
    resolve([ours, theirs], { observe: (step) => steps.push(step) });
    const conflicts = steps.flatMap((step) => (step.kind === 'conflicts' ? step.conflicts : []));
    expect(conflicts.map(({ type }) => type).sort()).toEqual(['m.room.member', 'm.room.topic']);
    const [set] = steps.filter((step) => step.kind === 'full-conflicted-set');
    expect(set?.authDifference).toContain(ban.eventId);
    expect(set?.subgraph === undefined).toBe(version !== '12');
    expect(steps.findLast((step) => step.kind === 'ordered')).toMatchObject({ phase: 'mainline' });
    const checked = steps.filter((step) => step.kind === 'checked');
    expect(checked.find(({ eventId }) => eventId === ban.eventId)).toMatchObject({
      phase: 'power-events',
      decision: { allowed: true },
    });
    expect(checked.find(({ eventId }) => eventId === topic.eventId)).toMatchObject({
      phase: 'mainline',
      decision: { allowed: false, reason: 'sender-not-joined' },
    });
  });

  it('is told what version 1 chose among', () => {
    const line = startRoom('1');
    const [ours, theirs] = [line.fork(), line.fork()];
    const one = ours.add({ type: 'm.room.topic', sender: alice, stateKey: '' });
    theirs.add({ type: 'm.room.message', sender: alice });
    const two = theirs.add({ type: 'm.room.topic', sender: alice, stateKey: '' });
    const steps: ResolutionStep[] = [];
    resolve([ours, theirs], { observe: (step) => steps.push(step) });
    expect(steps.at(-1)).toEqual({
      kind: 'chosen',
      type: 'm.room.topic',
      stateKey: '',
      eventIds: [one.eventId, two.eventId],
      eventId: two.eventId,
    });
  });
});

describe('resolution of version 2.1', () => {
  it("doesn't let old events fall back on a state that nobody had with them", () => {
    // The unconflicted state has the join rule that was set last; v2 judges by it, v2.1 by what the events rest on.
    const outcomes = ['11', '12'].map((version) => {
      const line = startRoom(version);
      const [ours, theirs] = [line.fork(), line.fork()];
      const join = ours.member('@dave:one.test', 'join');
      const closed = { type: 'm.room.join_rules', sender: alice, stateKey: '', content: { join_rule: 'invite' } };
      const { eventId } = ours.add(closed);
      theirs.state = new Map(theirs.state).set(stateMapKey('m.room.join_rules', ''), eventId);
      return at(resolve([ours, theirs]), 'm.room.member', '@dave:one.test') === join.eventId;
    });
    expect(outcomes).toEqual([false, true]);
  });
});

describe('resolution of version 1', () => {
  it('takes the deepest event that is allowed', () => {
    const line = startRoom('1');
    const [ours, theirs] = [line.fork(), line.fork()];
    ours.add({ type: 'm.room.topic', sender: alice, stateKey: '' });
    theirs.add({ type: 'm.room.message', sender: alice });
    const deeper = theirs.add({ type: 'm.room.topic', sender: alice, stateKey: '' });
    expect(at(resolve([ours, theirs]), 'm.room.topic')).toBe(deeper.eventId);
    theirs.add({ type: 'm.room.message', sender: alice });
    const forbidden = theirs.add({ type: 'm.room.topic', sender: carol, stateKey: '' });
    expect(forbidden.pdu.depth).toBeGreaterThan(deeper.pdu.depth);
    expect(at(resolve([ours, theirs]), 'm.room.topic')).not.toBe(forbidden.eventId);
  });

  it('takes a key that only some states have', () => {
    const line = startRoom('1');
    const theirs = line.fork();
    const topic = theirs.add({ type: 'm.room.topic', sender: carol, stateKey: '' });
    expect(at(resolve([line, theirs]), 'm.room.topic')).toBe(topic.eventId);
  });
});

describe('hostile histories', () => {
  it('come to an end where events name each other as auth events', () => {
    const line = startRoom('2');
    const [ours, theirs] = [line.fork(), line.fork()];
    const first = ours.add({ type: 'm.room.power_levels', sender: alice, stateKey: '', content: { ban: 1 } });
    const second = theirs.add({ type: 'm.room.power_levels', sender: alice, stateKey: '', content: { ban: 2 } });
    const name = ({ eventId }: { eventId: string }): EventReference => [eventId, {}];
    first.pdu.auth_events.push(name(second));
    second.pdu.auth_events.push(name(first));
    ours.add({ type: 'm.room.topic', sender: alice, stateKey: '' }).pdu.auth_events.push(name(first));
    expect(at(resolve([ours, theirs]), 'm.room.member', alice)).toBe(at(line.state, 'm.room.member', alice));
  });

  it('pass over events that are not known', () => {
    const line = startRoom('10');
    const ours = line.fork();
    const topic = ours.add({ type: 'm.room.topic', sender: alice, stateKey: '' });
    (topic.pdu.auth_events as string[]).push('$unknown');
    expect(at(resolve([line, ours]), 'm.room.topic')).toBe(topic.eventId);
  });
});
