import { describeDatabases } from '@myelin/database/testing';
import { beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { Core } from '../../core.ts';
import { allMigrations } from '../../migrations.ts';
import { IntakeBench } from './testing/intake-bench.ts';
import { FictitiousServers, OtherRoom, type MadeEvent } from './testing/other-room.ts';

const creator = '@creator:a.test';
const bob = '@bob:b.test';
const joinRules = { type: 'm.room.join_rules', sender: creator, stateKey: '' };

describeDatabases((open) => {
  let core: Core;
  let rooms = 0;
  let room: OtherRoom;
  let bench: IntakeBench;
  let rules: MadeEvent;
  let join: MadeEvent;

  beforeAll(async () => {
    core = await IntakeBench.open(await open(allMigrations));
  });
  beforeEach(async () => {
    room = new OtherRoom(new FictitiousServers(), creator, '11', `!room${rooms++}:a.test`);
    room.newest = [room.create];
    room.member(creator, 'join');
    // Nothing rests on the first, so that it isn't known from our coming in.
    rules = room.send({ ...joinRules, content: { join_rule: 'public' } });
    room.send({ ...joinRules, content: { join_rule: 'public', again: true } });
    join = room.member('@alice:test', 'join');
    bench = new IntakeBench(core, room);
    await bench.enter(join);
  });

  /** Before the next writing into the room, another task stores an event by itself: as one that `follower` rests on. */
  function meanwhile(event: MadeEvent, follower: MadeEvent): void {
    const write = core.timeline.write.bind(core.timeline);
    vi.spyOn(core.timeline, 'write').mockImplementationOnce(async (...job) => {
      await new IntakeBench(core, room).receive(follower);
      expect((await core.events.find(event.eventId))?.isOutlier).toBe(true);
      return write(...job);
    });
  }

  it('an event of history that another task stores by itself while it is judged has its place all the same', async () => {
    const follower = room.make({
      type: 'm.room.member',
      sender: bob,
      stateKey: bob,
      content: { membership: 'join' },
      authEvents: [room.create, rules],
    });
    meanwhile(rules, follower);
    const stored = await bench.intake.storeHistory('a.test', room.roomId, [await bench.check(rules)]);
    expect(stored.map(({ eventId }) => eventId)).toEqual([rules.eventId]);
    expect((await core.events.find(rules.eventId))?.position).toBeLessThan(0);
  });

  it('and so has one that was pushed', async () => {
    const pushed = room.member(bob, 'join');
    const body = { type: 'm.room.message', sender: bob, content: { body: 'hello' } };
    meanwhile(pushed, room.make({ ...body, after: [join], authEvents: [room.create, pushed] }));
    expect(await bench.receive(pushed)).toBe('accepted');
    expect(await bench.state()).toEqual(pushed.state);
  });
});
