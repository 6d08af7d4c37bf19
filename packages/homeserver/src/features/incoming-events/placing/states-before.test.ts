import { describeDatabases } from '@myelin/database/testing';
import { stateMapKey } from '@myelin/protocol';
import { expect, it } from 'vitest';
import { allMigrations } from '../../../migrations.ts';
import { IntakeBench } from '../testing/intake-bench.ts';
import { FictitiousServers, OtherRoom } from '../testing/other-room.ts';

const creator = '@creator:a.test';
const alice = '@alice:test';

describeDatabases((open) => {
  it('a state is not taken for whole while the last event before it gets lost on the way', async () => {
    const room = new OtherRoom(new FictitiousServers(), creator, '11', '!lost:a.test');
    room.newest = [room.create];
    room.member(creator, 'join');
    room.send({ type: 'm.room.join_rules', sender: creator, stateKey: '', content: { join_rule: 'public' } });
    const join = room.member(alice, 'join');
    const bench = new IntakeBench(await IntakeBench.open(await open(allMigrations)), room);
    await bench.enter(join);

    const topic = room.send({ type: 'm.room.topic', sender: creator, stateKey: '', content: { topic: 'lost' } });
    const message = (): ReturnType<OtherRoom['send']> =>
      room.send({ type: 'm.room.message', sender: creator, content: { body: 'x' } });
    const between = message();
    const last = message();
    bench.missingAnswer = [between.pdu];
    bench.lost.add('getEvent');
    await expect(bench.receive(last)).rejects.toThrow('missing here');
    expect(await bench.timeline()).toEqual([join.eventId]);
    bench.lost.clear();
    expect(await bench.receive(last)).toBe('accepted');
    expect((await bench.state()).get(stateMapKey('m.room.topic', ''))).toBe(topic.eventId);
  });

  it("what is before the second event of a room is nobody else's word", async () => {
    const room = new OtherRoom(new FictitiousServers(), creator, '11', '!second:a.test');
    room.newest = [room.create];
    const founder = room.member(creator, 'join');
    room.send({ type: 'm.room.join_rules', sender: creator, stateKey: '', content: { join_rule: 'public' } });
    const join = room.member(alice, 'join');
    const bench = new IntakeBench(await IntakeBench.open(await open(allMigrations)), room);
    await bench.enter(join);
    bench.stateAnswer = [...join.state.values()];
    await bench.intake.storeHistory('a.test', room.roomId, [await bench.check(founder)]);
    const { stateBefore } = (await bench.core.events.find(founder.eventId))!.fields;
    expect((await bench.core.states.all(stateBefore)).map(({ eventId }) => eventId)).toEqual([room.create.eventId]);
  });
});
