import { sql } from '@myelin/database';
import { describeDatabases } from '@myelin/database/testing';
import { stateMapKey } from '@myelin/protocol';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import type { Core } from '../../../core.ts';
import { allMigrations } from '../../../migrations.ts';
import { UnprovenEvents } from '../checking/unproven-events.ts';
import { IntakeBench } from '../testing/intake-bench.ts';
import { FictitiousServers, OtherRoom, type MadeEvent } from '../testing/other-room.ts';

const creator = '@creator:a.test';
const bob = '@bob:b.test';
const carol = '@carol:c.test';
const alice = '@alice:test';
const message = (sender: string, body: string): { type: string; sender: string; content: { body: string } } => ({
  type: 'm.room.message',
  sender,
  content: { body },
});
const topic = (sender: string, text: string): Parameters<OtherRoom['send']>[0] => ({
  type: 'm.room.topic',
  sender,
  stateKey: '',
  content: { topic: text },
});

describeDatabases((open) => {
  let core: Core;
  let bench: IntakeBench;
  let rooms = 0;
  let room: OtherRoom;
  /** What the join follows. */
  let last: MadeEvent;

  /** A room whose state is by several servers, some of whose keys can't be had while it is entered. */
  async function enter(...silent: string[]): Promise<void> {
    room = new OtherRoom(new FictitiousServers(), creator, '11', `!room${rooms++}:a.test`);
    room.newest = [room.create];
    room.member(creator, 'join');
    const users = { [creator]: 100, [bob]: 50, [carol]: 50 };
    const content = { users, state_default: 50 };
    room.send({ type: 'm.room.power_levels', sender: creator, stateKey: '', content });
    room.send({ type: 'm.room.join_rules', sender: creator, stateKey: '', content: { join_rule: 'public' } });
    room.member(bob, 'join');
    room.member(carol, 'join');
    room.send(topic(bob, 'by bob'));
    last = room.send(message(creator, 'the last one before'));
    bench = new IntakeBench(core, room);
    for (const server of silent) room.servers.silent.add(server);
    await bench.enter(room.member(alice, 'join'));
  }
  const ids = async (): Promise<string[]> => [...(await bench.state()).values()].toSorted();
  const stateOf = (event: MadeEvent): string[] => [...event.state.values()].toSorted();
  const waiting = async (): Promise<number> =>
    (await core.database.reader.all(sql`SELECT event_id FROM unproven_events WHERE room_id = ${room.roomId}`)).length;

  beforeAll(async () => {
    core = await IntakeBench.open(await open(allMigrations));
  });
  beforeEach(async () => {
    await core.database.transact((writer) => writer.run(sql`DELETE FROM unproven_events`));
  });

  it('state events whose keys could not be had come into the state when their server speaks', async () => {
    await enter('b.test');
    expect(await ids()).not.toEqual(stateOf(room.newest[0]!));
    expect(await waiting()).toBe(2);
    const between = room.send(message(carol, 'between'));
    expect(await bench.receive(between)).toBe('accepted');
    room.servers.silent.clear();
    const said = room.send(message(bob, 'hello'));
    expect(await bench.receive(said)).toBe('accepted');
    expect(await ids()).toEqual(stateOf(said));
    expect(await waiting()).toBe(0);
    const members = await core.names.userIds(await core.members.joinedUsers(await bench.nid()));
    expect([...members.values()].toSorted()).toEqual([alice, bob, carol, creator].toSorted());
  });

  it('they are tried again from time to time, after a restart as well', async () => {
    await enter('b.test', 'c.test');
    expect(await waiting()).toBe(3);
    room.servers.silent.delete('b.test');
    const again = new IntakeBench(core, room);
    await core.database.transact((writer) => writer.run(sql`UPDATE unproven_events SET next_at = 0`));
    again.intake.start();
    await again.intake.tryAgain();
    await again.intake.stop();
    expect(await waiting()).toBe(1);
    const expected = new Map(room.newest[0]!.state);
    expected.delete(stateMapKey('m.room.member', carol));
    expect(await ids()).toEqual([...expected.values()].toSorted());
  });

  it('some times only, and what is no event of its server is dropped at once', async () => {
    await enter('b.test');
    const { intake } = bench;
    intake.start();
    for (let i = 0; i < 6; i++) {
      expect(await waiting()).toBe(2);
      await core.database.transact((writer) => writer.run(sql`UPDATE unproven_events SET next_at = 0`));
      await intake.tryAgain();
    }
    expect(await waiting()).toBe(0);
    await enter('b.test');
    await core.database.transact((writer) =>
      writer.run(sql`UPDATE unproven_events SET next_at = 0, json = REPLACE(json, 'by bob', 'by eve')`),
    );
    room.servers.silent.clear();
    await bench.intake.start();
    await bench.intake.tryAgain();
    await bench.intake.stop();
    await intake.stop();
    expect(await waiting()).toBe(0);
    const state = await core.states.all((await bench.head()).state);
    // Its hash doesn't fit: what is left of it has no text.
    expect(JSON.stringify(state.map(({ content }) => content))).not.toContain('eve');
  });

  // The simulator's seed 2144: the state before the join is found out by what lies before it, once that is here.
  it('also where what lies before the join has come as history meanwhile', async () => {
    await enter('b.test');
    const [stored] = await bench.intake.storeHistory('a.test', room.roomId, [await bench.check(last)]);
    expect(stored?.eventId).toBe(last.eventId);
    room.servers.silent.clear();
    const said = room.send(message(bob, 'hello'));
    expect(await bench.receive(said)).toBe('accepted');
    expect(await ids()).toEqual(stateOf(said));
    expect(await waiting()).toBe(0);
  });

  it('what rests on such an event waits with it', async () => {
    room = new OtherRoom(new FictitiousServers(), creator, '11', `!room${rooms++}:a.test`);
    room.newest = [room.create];
    room.member(creator, 'join');
    const levels = { users: { [creator]: 100, [bob]: 100 } };
    room.send({ type: 'm.room.power_levels', sender: creator, stateKey: '', content: levels });
    room.send({ type: 'm.room.join_rules', sender: creator, stateKey: '', content: { join_rule: 'public' } });
    room.member(bob, 'join');
    const byBob = { users: { [creator]: 100, [bob]: 100, [carol]: 50 } };
    room.member(carol, 'join');
    room.send({ type: 'm.room.power_levels', sender: bob, stateKey: '', content: byBob });
    room.send(topic(carol, 'by carol'));
    bench = new IntakeBench(core, room);
    room.servers.silent.add('b.test');
    await bench.enter(room.member(alice, 'join', { authEvents: authOfJoin() }));
    expect(await waiting()).toBe(3);
    room.servers.silent.clear();
    expect(await bench.receive(room.send(message(bob, 'hello')))).toBe('accepted');
    expect(await waiting()).toBe(0);
    expect([...(await bench.state()).keys()]).toContain(stateMapKey('m.room.topic', ''));
  });

  /** Of before bob's events, so that the room can be entered without them. */
  function authOfJoin(): MadeEvent[] {
    const events = [...room.events.values()];
    const first = (type: string): MadeEvent => events.find(({ pdu }) => pdu.type === type)!;
    return [first('m.room.create'), first('m.room.power_levels'), first('m.room.join_rules')];
  }

  // The simulator's seed 575: what an event has replaced was told with the state before that event.
  it('one that was replaced stays so', async () => {
    await enter();
    const replaced = room.get(room.newest[0]!.state.get(stateMapKey('m.room.topic', ''))!);
    const newer = room.send(topic(creator, 'newer'));
    await bench.receive(newer);
    await bench.receive(room.send(message(creator, 'after it')));
    const { database, runtime } = core;
    await new UnprovenEvents({ database, clock: runtime.clock }).keep(
      room.roomId,
      [{ eventId: replaced.eventId, server: 'b.test', json: JSON.stringify(replaced.pdu) }],
      [newer.eventId],
    );
    const again = new IntakeBench(core, room);
    expect(
      (await again.intake.receive('b.test', room.roomId, await again.check(room.send(message(bob, 'hello'))))).verdict,
    ).toBe('accepted');
    expect(await waiting()).toBe(0);
    expect((await bench.state()).get(stateMapKey('m.room.topic', ''))).toBe(newer.eventId);
  });

  it('one that another server names in the state before a missing event has its place when it is proven', async () => {
    await enter();
    room.servers.silent.add('b.test');
    const unseen = room.send(topic(bob, 'unseen'));
    room.send(message(creator, 'missing'));
    const before = room.send(message(creator, 'before'));
    bench.missingAnswer = [before.pdu];
    expect(await bench.receive(room.send(message(carol, 'after it')))).toBe('accepted');
    expect((await bench.state()).get(stateMapKey('m.room.topic', ''))).not.toBe(unseen.eventId);
    room.servers.silent.clear();
    const last = room.send(message(bob, 'hello'));
    expect(await bench.receive(last)).toBe('accepted');
    expect(await ids()).toEqual(stateOf(last));
  });
});
