import { describeDatabases } from '@myelin/database/testing';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testConfig } from './config/index.ts';
import type { Core } from './core.ts';
import type { CheckName, EventExplainer, EventExplanation } from './features/event-explanations/index.ts';
import { IntakeBench } from './features/incoming-events/testing/intake-bench.ts';
import { FictitiousServers, OtherRoom, type MadeEvent } from './features/incoming-events/testing/other-room.ts';
import { allMigrations } from './migrations.ts';
import { openExplainer } from './open-explainer.ts';

const creator = '@creator:a.test';
const bob = '@bob:b.test';
const alice = '@alice:test';
const message = (sender: string) => ({ type: 'm.room.message', sender, content: { body: 'a secret' } });
const topic = (sender: string) => ({ type: 'm.room.topic', sender, stateKey: '', content: { topic: 'a secret' } });

function resultOf({ checks }: EventExplanation, check: CheckName) {
  return checks.find((each) => each.check === check);
}

describeDatabases((open) => {
  let core: Core;
  let bench: IntakeBench;
  let rooms = 0;
  let room: OtherRoom;
  let explainer: EventExplainer;

  async function start(version = '11'): Promise<void> {
    room = new OtherRoom(new FictitiousServers(), creator, version, `!room${rooms++}:a.test`);
    room.newest = [room.create];
    room.member(creator, 'join');
    const users = version === '12' ? { [bob]: 50 } : { [creator]: 100, [bob]: 50 };
    const levels = {
      type: 'm.room.power_levels',
      sender: creator,
      stateKey: '',
      content: { users, state_default: 50 },
    };
    room.send(levels);
    room.send({ type: 'm.room.join_rules', sender: creator, stateKey: '', content: { join_rule: 'public' } });
    room.member(bob, 'join');
    bench = new IntakeBench(core, room);
    await bench.enter(room.member(alice, 'join'));
  }

  async function explain({ eventId }: Pick<MadeEvent, 'eventId'>): Promise<EventExplanation> {
    const explanation = await explainer.explain(eventId);
    expect(JSON.stringify(explanation)).not.toContain('a secret');
    return explanation as EventExplanation;
  }

  beforeAll(async () => {
    const database = await open(allMigrations);
    core = await IntakeBench.open(database);
    explainer = await openExplainer(testConfig(), database);
  });
  beforeEach(() => start());

  it('an event that is not here has no explanation', async () => {
    expect(await explainer.explain('$nowhere')).toBeUndefined();
  });

  it('an accepted message has passed every check', async () => {
    const said = room.send(message(bob));
    await bench.receive(said);
    const explanation = await explain(said);
    expect(explanation).toMatchObject({
      eventId: said.eventId,
      roomId: room.roomId,
      roomVersion: '11',
      type: 'm.room.message',
      sender: bob,
      origin: 'b.test',
      depth: said.pdu.depth,
      standing: 'accepted',
      door: 'received',
      resolutions: [],
    });
    expect(explanation.previous).toEqual([
      expect.objectContaining({ isKnown: true, type: 'm.room.member', stateKey: alice, standing: 'accepted' }),
    ]);
    expect(explanation.authEvents.map(({ type }) => type)).toEqual([
      'm.room.create',
      'm.room.power_levels',
      'm.room.member',
    ]);
    expect(explanation.checks.map(({ check, result }) => [check, result])).toEqual([
      ['format', 'passed'],
      // Nobody keeps the keys of servers that don't exist.
      ['signatures', 'unknown'],
      ['content-hash', 'passed'],
      ['auth-events', 'passed'],
      ['auth-by-auth-events', 'passed'],
      ['state-before', 'passed'],
      ['auth-by-state-before', 'passed'],
      ['current-state', 'passed'],
    ]);
  });

  it('an event that was made here is signed by this server', async () => {
    const senderNid = (await core.names.findUser(alice))!;
    const own = await core.timeline.append(await bench.nid(), { ...message(alice), senderNid });
    const explanation = await explain(own);
    expect(explanation).toMatchObject({ door: 'made-here', standing: 'accepted' });
    expect(resultOf(explanation, 'signatures')).toMatchObject({ result: 'passed', says: 'signed by test' });
  });

  it('a rejected event tells the rule, as it was noted and as it is found again', async () => {
    const refused = room.make(topic('@eve:b.test'));
    expect(await bench.receive(refused)).toBe('rejected');
    const explanation = await explain(refused);
    expect(explanation).toMatchObject({
      standing: 'rejected',
      refusal: { code: 'sender-not-joined' },
      resolutions: [],
    });
    expect(resultOf(explanation, 'auth-by-auth-events')).toMatchObject({
      result: 'failed',
      reason: 'sender-not-joined',
      section: 'Room Version 11 §"Authorisation rules": the sender must be in the room',
    });
    expect(resultOf(explanation, 'current-state')).toMatchObject({ result: 'not-made' });
    expect(explanation.current?.isInState).toBe(false);
  });

  it('a soft-failed event passed at its place, and was refused by the current state', async () => {
    const before = room.newest;
    const ban = room.member(bob, 'ban', { sender: creator });
    await bench.receive(ban);
    const late = room.make({ ...message(bob), after: before });
    expect(await bench.receive(late)).toBe('soft-failed');
    const explanation = await explain(late);
    const by = [{ eventId: ban.eventId, type: 'm.room.member', stateKey: bob, sender: creator }];
    expect(explanation).toMatchObject({ standing: 'soft-failed', refusal: { code: 'sender-not-joined', by } });
    expect(explanation?.refusal?.by).toHaveLength(1);
    expect(resultOf(explanation, 'auth-by-state-before')).toMatchObject({ result: 'passed' });
    expect(resultOf(explanation, 'current-state')).toMatchObject({ result: 'failed', reason: 'sender-not-joined' });
  });

  it('an event that came changed is kept in its redacted form', async () => {
    const made = room.make(message(bob));
    await bench.receive({ ...made, pdu: { ...made.pdu, content: { body: 'a secret of others' } } });
    expect(resultOf(await explain(made), 'content-hash')).toMatchObject({ result: 'failed', reason: 'hash-differs' });
  });

  it('state and auth chains that others told have no place', async () => {
    const explanation = await explain(room.create);
    expect(explanation).toMatchObject({
      standing: 'outlier',
      door: 'state-or-auth-chain',
      current: { isInState: true },
    });
    expect(resultOf(explanation, 'auth-by-state-before')).toMatchObject({ result: 'not-made' });
  });

  it('of an event in a room whose members are not all known, what rests on them is not known', async () => {
    const said = room.send(message(bob));
    await bench.receive(said);
    const event = (await core.events.find(said.eventId))!;
    const partial = { room: event.room, event: event.nid, position: 1, origin: 'a.test', servers: [], started: 0 };
    await core.database.transact((writer) => core.partialRooms.begin(writer, partial));
    const again = await openExplainer(testConfig(), core.database);
    const explanation = (await again.explain(said.eventId))!;
    expect(resultOf(explanation, 'state-before')).toMatchObject({ result: 'unknown' });
    expect(resultOf(explanation, 'auth-by-state-before')).toMatchObject({ result: 'passed' });
  });

  describe('where the room forked', () => {
    let set: MadeEvent;
    let ban: MadeEvent;

    async function fork(): Promise<void> {
      const base = room.newest;
      set = room.make({ ...topic(bob), after: base });
      ban = room.make({
        type: 'm.room.member',
        sender: creator,
        stateKey: bob,
        content: { membership: 'ban' },
        after: base,
      });
      room.newest = [set, ban];
      expect(await bench.receive(set)).toBe('accepted');
      expect(await bench.receive(ban)).toBe('accepted');
    }

    it.each(['2', '11', '12'])('a ban beats a topic in version %s', async (version) => {
      await start(version);
      await fork();
      const { resolutions, current } = await explain(set);
      expect(current).toEqual({ isInState: false });
      expect(resolutions).toHaveLength(1);
      const [account] = resolutions;
      expect(account).toMatchObject({ where: 'now', algorithm: version === '12' ? 'v2.1' : 'v2' });
      expect(account?.states).toEqual([{ after: [set.eventId], event: set.eventId }, { after: [ban.eventId] }]);
      expect(account?.subgraph === undefined).toBe(version !== '12');
      const topics = account?.conflicts.find(({ type }) => type === 'm.room.topic');
      expect(topics).toEqual({ type: 'm.room.topic', stateKey: '', candidates: [set.eventId] });
      expect(account?.rounds.map(({ round }) => round)).toEqual(['power-events', 'mainline']);
      expect(account?.rounds[0]?.events).toContainEqual(
        expect.objectContaining({ eventId: ban.eventId, outcome: 'allowed' }),
      );
      expect(account?.verdict).toMatchObject({ won: false, step: 'other events in mainline order' });
      expect(account?.verdict?.says).toContain('sender-not-joined');
      expect(account?.verdict?.by).toContainEqual(expect.objectContaining({ eventId: ban.eventId, stateKey: bob }));
    });

    it('the ban tells what it won by, and the event that joins the branches what it met', async () => {
      await fork();
      const merge = room.send(message(creator));
      expect(await bench.receive(merge)).toBe('accepted');
      const [ofBan] = (await explain(ban)).resolutions;
      expect(ofBan).toMatchObject({
        where: 'at-event',
        at: { eventId: merge.eventId },
        verdict: { won: true, step: 'power events in reverse topological power order', by: [] },
      });
      const [ofMerge] = (await explain(merge)).resolutions;
      expect(ofMerge).toMatchObject({ where: 'before-event' });
      expect(ofMerge?.conflicts.find(({ type }) => type === 'm.room.member')).toMatchObject({ winner: ban.eventId });
      expect(ofMerge?.verdict).toBeUndefined();
    });

    it('of two topics the later wins, and the other is told by which', async () => {
      const base = room.newest;
      const first = room.make({ ...topic(bob), after: base });
      const second = room.make({ ...topic(creator), after: base });
      room.newest = [first, second];
      await bench.receive(first);
      await bench.receive(second);
      const [account] = (await explain(first)).resolutions;
      expect(account?.verdict).toMatchObject({ won: false, by: [{ eventId: second.eventId }] });
      expect((await explain(second)).resolutions[0]?.verdict).toMatchObject({ won: true });
    });

    it('version 1 takes the deepest that is allowed', async () => {
      await start('1');
      const base = room.newest;
      const shallow = room.make({ ...topic(bob), after: base });
      const deep = room.make({ ...topic(creator), after: [room.make({ ...message(creator), after: base })] });
      room.newest = [shallow, deep];
      await bench.receive(shallow);
      await bench.receive(deep);
      const [account] = (await explain(shallow)).resolutions;
      expect(account).toMatchObject({ algorithm: 'v1', rounds: [] });
      expect(account?.verdict).toMatchObject({ won: false, step: 'version 1', by: [{ eventId: deep.eventId }] });
    });
  });
});
