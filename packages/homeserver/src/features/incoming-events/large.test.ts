import { describeDatabases } from '@myelin/database/testing';
import { expect, it } from 'vitest';
import { allMigrations } from '../../migrations.ts';
import { IntakeBench } from './testing/intake-bench.ts';
import { FictitiousServers, OtherRoom, type MadeEvent } from './testing/other-room.ts';
import { stateMapKey } from '@myelin/protocol';

const creator = '@creator:a.test';
const alice = '@alice:test';

describeDatabases((open, dialect) => {
  const members = dialect === 'sqlite' ? 1000 : 500;

  it(`a room of ${members} members is entered`, { timeout: 60_000 }, async () => {
    const room = new OtherRoom(new FictitiousServers(), creator, '11', '!large:a.test');
    room.newest = [room.create];
    room.member(creator, 'join');
    room.send({ type: 'm.room.power_levels', sender: creator, stateKey: '', content: { users: { [creator]: 100 } } });
    const rules = room.send({
      type: 'm.room.join_rules',
      sender: creator,
      stateKey: '',
      content: { join_rule: 'public' },
    });
    const joined = new Map<string, string>();
    for (let i = 0; i < members; i++) {
      const user = `@user${i}:s${i % 20}.test`;
      const made = room.make({
        type: 'm.room.member',
        sender: user,
        stateKey: user,
        content: { membership: 'join' },
        after: [rules],
      });
      joined.set(stateMapKey('m.room.member', user), made.eventId);
    }
    // Only now, so that making them doesn't look at all of them each time.
    for (const [key, id] of joined) (rules.state as Map<string, string>).set(key, id);
    const join = room.make({
      type: 'm.room.member',
      sender: alice,
      stateKey: alice,
      content: { membership: 'join' },
      after: [rules],
    });
    const bench = new IntakeBench(await IntakeBench.open(await open(allMigrations)), room);
    await bench.enter(join);
    expect(await bench.core.members.count(await bench.nid(), 'join')).toBe(members + 2);
    expect(await bench.core.maps.size((await bench.head()).state)).toBe(members + 5);

    const said = { type: 'm.room.message', sender: creator, content: { body: 'x' } };
    /** Others take new names and say so much that this isn't told with it. */
    const gap = async (changes: number): Promise<string[]> => {
      for (let i = 0; i < changes; i++) {
        const user = `@user${i}:s${i % 20}.test`;
        room.member(user, 'join', { content: { membership: 'join', displayname: `${changes}` } });
      }
      const last = Array.from({ length: 25 }, () => room.send(said)).at(-1) as MadeEvent;
      bench.asked.length = 0;
      expect(await bench.receive(last)).toBe('accepted');
      expect(await bench.state()).toEqual(last.state);
      return bench.asked;
    };
    room.newest = [join];
    // What it lacks of the state comes in hundreds.
    const asked = await gap(40);
    expect(asked.filter((operation) => operation === 'backfillRoom')).toHaveLength(1);
    expect(asked.filter((operation) => operation === 'getEvent').length).toBeLessThan(3);
    // Or as a whole, if it is much.
    expect(await gap(members * 0.22)).toContain('getRoomState');
  });

  it('a room whose power levels were changed a thousand times is entered', { timeout: 60_000 }, async () => {
    const room = new OtherRoom(new FictitiousServers(), creator, '11', '!chain:a.test');
    room.newest = [room.create];
    room.member(creator, 'join');
    for (let i = 0; i < 1_000; i++) {
      const content = { users: { [creator]: 100 }, events: { 'org.example.turn': i % 50 } };
      room.send({ type: 'm.room.power_levels', sender: creator, stateKey: '', content });
    }
    room.send({ type: 'm.room.join_rules', sender: creator, stateKey: '', content: { join_rule: 'public' } });
    const bench = new IntakeBench(await IntakeBench.open(await open(allMigrations)), room);
    const join = room.member(alice, 'join');
    await bench.enter(join);
    expect(await bench.state()).toEqual(join.state);
  });
});
