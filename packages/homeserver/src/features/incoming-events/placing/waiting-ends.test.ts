import { describeDatabases } from '@myelin/database/testing';
import { systemRuntime } from '@myelin/runtime';
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { testConfig } from '../../../config/index.ts';
import { createCore, type Core } from '../../../core.ts';
import { allMigrations } from '../../../migrations.ts';
import { IntakeBench } from '../testing/intake-bench.ts';
import type { MadeEvent, OtherRoom } from '../testing/other-room.ts';
import { creator, startRoom } from '../testing/random-history.ts';

describeDatabases((open) => {
  let core: Core;
  let bench: IntakeBench;
  let room: OtherRoom;
  let rooms = 0;
  /** One side of a fork, which is here. */
  let topic: MadeEvent;
  /** The other one, of which only what follows it is pushed. */
  let others: MadeEvent[];
  /** How many keys of the current state each event changed. */
  let changed: [eventId: string, keys: number][];

  const message = { type: 'm.room.message', sender: creator, content: { body: 'hello' } };
  const stateOf = (type: string, after: readonly MadeEvent[]): MadeEvent =>
    room.make({ type, sender: creator, stateKey: '', content: { is: type }, after });
  const ends = async (): Promise<string[]> => (await bench.head()).extremities.map(({ eventId }) => eventId);

  beforeAll(async () => {
    core = await createCore(testConfig(), systemRuntime, await open(allMigrations), { mostInPlace: 0 });
    core.timeline.addProjection({
      apply: async (_writer, { eventId }, { changes }) => void changed.push([eventId, changes.length]),
    });
  });
  beforeEach(async () => {
    changed = [];
    const { room: made, join } = startRoom('11', `!waiting${rooms++}:a.test`);
    room = made;
    bench = new IntakeBench(core, room);
    await bench.enter(join);
    topic = stateOf('m.room.topic', [join]);
    await bench.receive(topic);
    const first = stateOf('m.room.name', [join]);
    others = [first, stateOf('m.room.avatar', [first]), stateOf('m.room.encryption', [first])];
    changed = [];
  });
  afterEach(() => vi.restoreAllMocks());

  it('the current state of a large fork is found out with the last event of a gap', async () => {
    const last = room.make({ ...message, after: others.slice(1) });
    expect(await bench.receive(last)).toBe('accepted');
    const gap = others.map(({ eventId }): [string, number] => [eventId, 0]);
    expect(changed).toEqual([...gap, [last.eventId, 3]]);
    expect(await ends()).toEqual([topic.eventId, last.eventId]);
    expect(await bench.state()).toEqual(new Map(room.stateAfterAll([topic, last])));
  });

  it('what nothing came to follow ends the room, since what was pushed follows something else', async () => {
    const last = room.make({ ...message, after: [others[1]!] });
    bench.missingAnswer = others.map(({ pdu }) => pdu);
    expect(await bench.receive(last)).toBe('accepted');
    const third = room.make({ ...message, sender: '@stranger:b.test', after: others.slice(1), refused: true });
    expect(await bench.receive(third)).toBe('rejected');
    expect(new Set(await ends())).toEqual(new Set([topic.eventId, last.eventId, others[2]!.eventId]));
    expect(await bench.state()).toEqual(new Map(room.stateAfterAll([topic, last, others[2]!])));
  });

  it('what nothing came to follow ends the room, since what was pushed is refused', async () => {
    const refused = room.make({ ...message, sender: '@stranger:b.test', after: others.slice(1), refused: true });
    expect(await bench.receive(refused)).toBe('rejected');
    expect(await ends()).toEqual([topic, ...others.slice(1)].map(({ eventId }) => eventId));
    expect(await bench.state()).toEqual(new Map(room.stateAfterAll([topic, ...others.slice(1)])));
  });

  it('what a kill leaves waiting ends the room after the next start', async () => {
    const last = room.make({ ...message, after: others.slice(1) });
    const newest = core.placer.newest.bind(core.placer);
    vi.spyOn(core.placer, 'newest').mockImplementation((...placing) => {
      if (placing[3].eventId === last.eventId) throw new Error('killed');
      return newest(...placing);
    });
    vi.spyOn(core.placer, 'restate').mockRejectedValue(new Error('killed'));
    await expect(bench.receive(last)).rejects.toThrow('killed');
    vi.restoreAllMocks();
    // Nobody sees a state that isn't that of the ends.
    expect(await ends()).toEqual([topic.eventId]);
    expect(await bench.state()).toEqual(new Map(topic.state));

    bench = new IntakeBench(core, room);
    bench.intake.start();
    await bench.intake.stop();
    expect(await ends()).toEqual([topic, ...others.slice(1)].map(({ eventId }) => eventId));
    expect(await bench.state()).toEqual(new Map(room.stateAfterAll([topic, ...others.slice(1)])));
    expect(await bench.receive(last)).toBe('accepted');
    expect(await ends()).toEqual([topic.eventId, last.eventId]);
  });

  it('who is let in by what came in the same gap is heard', async () => {
    const stranger = '@new:b.test';
    const joined = room.make({
      type: 'm.room.member',
      sender: stranger,
      stateKey: stranger,
      content: { membership: 'join' },
      after: others.slice(1),
    });
    const said = room.make({ ...message, sender: stranger, after: [joined] });
    const last = room.make({ ...message, after: [said] });
    expect(await bench.receive(last)).toBe('accepted');
    expect((await core.events.find(said.eventId))?.isShown).toBe(true);
  });
});
