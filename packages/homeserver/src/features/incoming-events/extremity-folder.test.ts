import { describeDatabases } from '@myelin/database/testing';
import { systemRuntime } from '@myelin/runtime';
import { ManualTime } from '@myelin/runtime/testing';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Core } from '../../core.ts';
import { allMigrations } from '../../migrations.ts';
import { IntakeBench } from './testing/intake-bench.ts';
import { FictitiousServers, OtherRoom, type MadeEvent } from './testing/other-room.ts';

const creator = '@creator:a.test';
const alice = '@alice:test';
/** Longer than any wait in a room of so few servers. */
const afterAll = 20_000;

describeDatabases((open) => {
  const time = new ManualTime();
  let core: Core;
  let rooms = 0;
  let room: OtherRoom;
  let bench: IntakeBench;

  beforeAll(async () => {
    core = await IntakeBench.open(await open(allMigrations), { ...systemRuntime, timers: time });
  });
  /** Twelve servers have spoken without knowing of each other. */
  beforeEach(async () => {
    room = new OtherRoom(new FictitiousServers(), creator, '11', `!folded${rooms++}:a.test`);
    room.newest = [room.create];
    room.member(creator, 'join');
    room.send({ type: 'm.room.join_rules', sender: creator, stateKey: '', content: { join_rule: 'public' } });
    const users = Array.from({ length: 12 }, (_, i) => `@user:s${i}.test`);
    for (const user of users) room.member(user, 'join');
    const join = room.member(alice, 'join');
    bench = new IntakeBench(core, room);
    await bench.enter(join);
    room.newest = users.map((sender) =>
      room.make({ type: 'm.room.message', sender, content: { body: 'x' }, after: [join] }),
    );
    for (const message of room.newest) expect(await bench.receive(message)).toBe('accepted');
  });
  afterEach(() => bench.intake.stop());

  const fold = (sender: string): MadeEvent => room.send({ type: 'org.matrix.dummy_event', sender });
  const ends = async (): Promise<string[]> => (await bench.head()).extremities.map(({ eventId }) => eventId);

  it('the ends that many servers have made are folded after a while', async () => {
    expect(await ends()).toHaveLength(12);
    time.advance(afterAll);
    await bench.intake.stop();
    const [end, ...others] = (await bench.head()).extremities;
    expect([end?.type, end?.sender, others]).toEqual(['org.matrix.dummy_event', alice, []]);
  });

  it('by one server for all: where another has done it meanwhile, nothing is sent', async () => {
    const folded = fold(creator);
    expect(await bench.receive(folded)).toBe('accepted');
    time.advance(afterAll);
    await bench.intake.stop();
    expect(await ends()).toEqual([folded.eventId]);
  });

  it('and not at once if all have done it at the same time', async () => {
    const before = room.newest;
    const folds = before.map(({ pdu }) => {
      room.newest = before;
      return fold(pdu.sender);
    });
    for (const each of folds) expect(await bench.receive(each)).toBe('accepted');
    expect((await ends()).toSorted()).toEqual(folds.map(({ eventId }) => eventId).toSorted());
  });
});
