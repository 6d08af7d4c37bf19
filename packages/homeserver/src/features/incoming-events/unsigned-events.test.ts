import { describeDatabases } from '@myelin/database/testing';
import { stateMapKey } from '@myelin/protocol';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Core } from '../../core.ts';
import { allMigrations } from '../../migrations.ts';
import { IntakeBench } from './testing/intake-bench.ts';
import { FictitiousServers, OtherRoom, type MadeEvent } from './testing/other-room.ts';

const creator = '@creator:a.test';
const bob = '@bob:b.test';
const alice = '@alice:test';
const said = { type: 'm.room.message', sender: creator, content: { body: 'x' } };
const topic = { type: 'm.room.topic', sender: creator, stateKey: '', content: { topic: 'x' } };

describeDatabases((open) => {
  let core: Core;
  let bench: IntakeBench;
  let room: OtherRoom;
  let join: MadeEvent;
  let rooms = 0;

  beforeAll(async () => {
    core = await IntakeBench.open(await open(allMigrations));
  });
  beforeEach(() => {
    room = new OtherRoom(new FictitiousServers(), creator, '11', `!unsigned${rooms++}:a.test`);
    room.newest = [room.create];
    room.member(creator, 'join');
    room.send({ type: 'm.room.power_levels', sender: creator, stateKey: '', content: { users: { [creator]: 100 } } });
    room.send({ type: 'm.room.join_rules', sender: creator, stateKey: '', content: { join_rule: 'public' } });
    room.member(bob, 'join');
    join = room.member(alice, 'join');
    bench = new IntakeBench(core, room);
  });

  /** From now on others tell the event without its signatures, or with another server's. */
  function spoil(made: MadeEvent, how: 'unsigned' | 'forged'): MadeEvent {
    const ofOthers = room.servers.key('mallory.test').sign('something else');
    const signatures = how === 'unsigned' ? {} : { 'a.test': { 'ed25519:test': ofOthers } };
    const spoilt = { ...made, pdu: { ...made.pdu, signatures } };
    room.events.set(made.eventId, spoilt);
    return spoilt;
  }

  async function isNotHere({ eventId }: MadeEvent): Promise<void> {
    expect(await core.events.find(eventId)).toBeUndefined();
    expect([...(await bench.state()).values()]).not.toContain(eventId);
  }

  describe.each(['unsigned', 'forged'] as const)('an event that is %s does not come in', (how) => {
    it('by itself, or with history', async () => {
      await bench.enter(join);
      const bad = spoil(room.make(topic), how);
      expect(await bench.intake.check(room.version, room.roomId, [bad.pdu])).toEqual([]);
      await isNotHere(bad);
    });

    it('as an event that is missing, nor as one whose state is asked for', async () => {
      await bench.enter(join);
      const bad = spoil(room.send(topic), how);
      await bench.receive(room.send(said)).catch(() => {});
      await isNotHere(bad);
    });

    it('as an auth event', async () => {
      await bench.enter(join);
      const levels = { users: { [creator]: 100, [bob]: 100 } };
      const bad = spoil(
        room.make({ type: 'm.room.power_levels', sender: creator, stateKey: '', content: levels }),
        how,
      );
      const member = room.get(join.state.get(stateMapKey('m.room.member', bob)) as string);
      const resting = room.make({ ...topic, sender: bob, authEvents: [room.create, bad, member] });
      await expect(bench.receive(resting)).rejects.toThrow('missing');
      await isNotHere(bad);
      await isNotHere(resting);
    });

    it('in the state of a join response', async () => {
      const member = join.state.get(stateMapKey('m.room.member', bob)) as string;
      const bad = spoil(room.get(member), how);
      await bench.enter(join);
      await isNotHere(bad);
      expect((await bench.state()).get(stateMapKey('m.room.member', alice))).toBe(join.eventId);
    });

    it('in the state at a gap', async () => {
      await bench.enter(join);
      const bad = spoil(room.send(topic), how);
      // More than are asked for: the state before the oldest of them is.
      for (let n = 0; n < 30; n++) room.send(said);
      const last = room.send(said);
      expect(await bench.receive(last)).toBe('accepted');
      expect(bench.asked).toContain('getRoomStateIds');
      await isNotHere(bad);
    });
  });
});
