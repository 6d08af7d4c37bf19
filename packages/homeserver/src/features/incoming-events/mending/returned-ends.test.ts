import { describeDatabases } from '@myelin/database/testing';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import type { Core } from '../../../core.ts';
import { allMigrations } from '../../../migrations.ts';
import { IntakeBench } from '../testing/intake-bench.ts';
import { FictitiousServers, OtherRoom, type MadeEvent } from '../testing/other-room.ts';

const creator = '@creator:a.test';
const bob = '@bob:b.test';
const dave = '@dave:d.test';
const alice = '@alice:test';

describeDatabases((open) => {
  let core: Core;
  let rooms = 0;
  let room: OtherRoom;
  let bench: IntakeBench;
  let said: MadeEvent;
  let kick: MadeEvent;
  beforeAll(async () => {
    core = await IntakeBench.open(await open(allMigrations));
  });
  /** This server's user says something while they are put out by somebody who doesn't know of it. */
  beforeEach(async () => {
    room = new OtherRoom(new FictitiousServers(), creator, '11', `!room${rooms++}:a.test`);
    room.newest = [room.create];
    room.member(creator, 'join');
    room.send({ type: 'm.room.join_rules', sender: creator, stateKey: '', content: { join_rule: 'public' } });
    room.member(bob, 'join');
    const join = room.member(alice, 'join');
    bench = new IntakeBench(core, room);
    await bench.enter(join);
    said = room.make({ type: 'm.room.message', sender: alice, content: { body: 'late' } });
    kick = room.member(alice, 'leave', { sender: creator });
    await bench.receive(said);
  });

  const ends = async (): Promise<string[]> => (await bench.head()).extremities.map(({ eventId }) => eventId);
  const pushed = async (origin: string): Promise<unknown> =>
    bench.intake.receive(origin, room.roomId, await bench.check(said));

  /** They come back, and somebody who wasn't there before comes after them. */
  async function comeBack(): Promise<MadeEvent> {
    await bench.receive(kick);
    await bench.enter(room.member(alice, 'join', { after: [kick] }));
    const last = room.member(dave, 'join');
    await bench.receive(last);
    expect(await ends()).toEqual([last.eventId]);
    return last;
  }

  // The simulator's seed 412: by the two ends the user is out of the room, which all but their server knew.
  it("an event of before this server's coming back that others have as an end of the room is one here too", async () => {
    const last = await comeBack();
    await pushed('a.test');
    expect(await ends()).toEqual([last.eventId, said.eventId]);
    expect(await bench.state()).toEqual(room.stateAfterAll([last, said]));
    await pushed('a.test');
    expect(await ends()).toHaveLength(2);
  });

  it("isn't if something that is here follows it", async () => {
    await bench.receive(room.make({ type: 'm.room.message', sender: bob, content: { body: 'heard' }, after: [said] }));
    const last = await comeBack();
    await pushed('a.test');
    expect(await ends()).toEqual([last.eventId]);
  });

  it("isn't if it comes from a server that wasn't in the room", async () => {
    const last = await comeBack();
    await pushed('d.test');
    expect(await ends()).toEqual([last.eventId]);
  });

  it("isn't while the user is out of the room, nor what came after they came in", async () => {
    await bench.receive(kick);
    await pushed('a.test');
    expect(await ends()).toEqual([said.eventId, kick.eventId]);
    said = room.make({ type: 'm.room.message', sender: alice, content: { body: 'again' }, after: [await comeBack()] });
    await bench.receive(said);
    const newer = room.make({ type: 'm.room.message', sender: bob, content: { body: 'newer' }, after: [said] });
    await bench.receive(newer);
    await pushed('a.test');
    expect(await ends()).toEqual([newer.eventId]);
  });
});
