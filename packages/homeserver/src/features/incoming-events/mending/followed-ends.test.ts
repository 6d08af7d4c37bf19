import { describeDatabases } from '@myelin/database/testing';
import { beforeAll, expect, it } from 'vitest';
import type { Core } from '../../../core.ts';
import { allMigrations } from '../../../migrations.ts';
import { IntakeBench } from '../testing/intake-bench.ts';
import { FictitiousServers, OtherRoom } from '../testing/other-room.ts';

const creator = '@creator:a.test';
const bob = '@bob:b.test';
const alice = '@alice:test';

describeDatabases((open) => {
  let core: Core;
  let rooms = 0;
  beforeAll(async () => {
    core = await IntakeBench.open(await open(allMigrations));
  });

  it.each([
    ['truly', false],
    ['without it', true],
  ])(
    'what lies before a soft-failed event that others follow is no end of the room, its state told %s',
    async (_how, isLie) => {
      const room = new OtherRoom(new FictitiousServers(), creator, '11', `!room${rooms++}:a.test`);
      room.newest = [room.create];
      room.member(creator, 'join');
      room.send({ type: 'm.room.join_rules', sender: creator, stateKey: '', content: { join_rule: 'public' } });
      room.member(bob, 'join');
      const join = room.member(alice, 'join');
      const bench = new IntakeBench(core, room);
      await bench.enter(join);

      const content = { topic: 'late' };
      const late = room.make({ type: 'm.room.topic', sender: creator, stateKey: '', content, after: [join] });
      const message = (sender: string) => ({ type: 'm.room.message', sender, content: { body: 'x' } });
      const hidden = room.make({ ...message(bob), after: [late] });
      const ban = room.member(bob, 'ban', { sender: creator });
      const follower = room.make({ ...message(creator), after: [hidden, ban] });
      const latest = room.make({ ...message(creator), after: [follower] });

      bench.hidden.add(hidden.eventId);
      bench.missingAnswer = [follower.pdu];
      bench.stateAnswer = [...(isLie ? join : late).state.values()];
      expect(await bench.receive(ban)).toBe('accepted');
      expect(await bench.receive(latest)).toBe('accepted');
      bench.hidden.clear();
      bench.stateAnswer = undefined;
      expect(await bench.receive(late)).toBe('accepted');
      expect(await bench.receive(hidden)).toBe('soft-failed');
      expect((await bench.head()).extremities.map(({ eventId }) => eventId)).toEqual([latest.eventId]);
      expect(await bench.state()).toEqual(room.stateAfterAll([latest]));
    },
  );
});
