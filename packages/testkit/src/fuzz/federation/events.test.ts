import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeFederations } from '../../federation/describe-federations.ts';
import type { SignedPeerEvent } from '../../federation/peer-rooms.ts';
import { Specification } from '../../specification/index.ts';
import { fuzzSeeds } from '../seeds.ts';
import { actBack } from './act-back.ts';
import { ForeignWorld, type Situation } from './foreign-world.ts';
import { expectNone, problemsOf } from './judge-answer.ts';
import { OddEvents } from './odd-events.ts';
import { PeerMemory } from './peer-memory.ts';
import { foreignReads, readBack } from './read-back.ts';

/** Transactions a seed, each of up to eight events. */
const batches = 6;
const seeds = fuzzSeeds(3);
const specification = new Specification();

describeFederations((start) => {
  let world: ForeignWorld;
  let last: Situation | undefined;
  beforeAll(async () => {
    world = await ForeignWorld.start(start);
  });
  afterAll(() => world.stop());

  test.each(seeds)(
    'events of another server that nearly fit spoil nothing for those who read, seed %i',
    async (seed) => {
      const situation = await world.situation(seed);
      last = situation;
      const { random, alice, carol, secret, eventIds } = situation;
      const memory = new PeerMemory(world.peer.serverName, situation.version);
      world.peer.handler = (request) => memory.answer(request);
      const roomPath = `/_matrix/client/v3/rooms/${encodeURIComponent(situation.roomId)}`;
      const events = new OddEvents(world, situation);
      const made: SignedPeerEvent[] = [];
      for (let batch = 0; batch < batches && (await events.look()); batch++) {
        const withheld = random.chance(0.3) ? 1 : 0;
        const lot = Array.from({ length: 1 + withheld + random.below(8) }, () => events.make());
        if (withheld) lot.push(events.make(true));
        for (const { eventId, event } of lot) memory.keep(eventId, event);
        made.push(...lot);
        const told = lot.slice(withheld).map(({ event }) => event);
        // At times all at once, and somebody of ours writes at the same time.
        const parts = random.chance(0.3) ? told.map((event) => [event]) : [told];
        const answers = await Promise.all([
          ...parts.map((part) => world.transaction(part)),
          alice.raw('PUT', `${roomPath}/send/m.room.message/t${batch}`, { body: { msgtype: 'm.text', body: 'ours' } }),
        ]);
        expect(answers.filter(({ status }) => status >= 500 || status === 0)).toEqual([]);
        await Promise.all([alice.sync({ since: alice.nextBatch }), carol.sync({ since: carol.nextBatch })]);
        expectNone(world.faults.take(), () => lot);
      }
      eventIds.push(...made.map(({ eventId }) => eventId).filter((id) => typeof id === 'string' && id.length < 300));
      for (const reader of [alice, carol]) {
        const some = eventIds.filter(() => random.chance(0.3));
        expectNone(await readBack(reader, situation, some), () => made);
        expectNone(world.faults.take(), () => made);
      }
      for (const read of foreignReads(situation, world)) {
        const answer = await world.caller.call(read);
        expectNone(problemsOf(specification, read, answer, secret), () => [
          read.target,
          answer.text.slice(0, 2_000),
          made,
        ]);
      }
      const newcomer = await world.server
        .client({ unrecorded: true })
        .registerUser(`new-${alice.userId!.slice(7, 15)}`);
      expectNone(await actBack(situation, newcomer), () => made);
      expectNone(world.faults.take(), () => made);
      expectNone(await readBack(alice, situation, []), () => made);
      await world.stillWorks(situation);
      expectNone(world.faults.take(), () => made);
    },
  );

  test('after all that the database is whole, and a server that starts on it reads it', async () => {
    const situation = last as Situation;
    expect(await world.restart()).toEqual([]);
    for (const reader of [situation.alice, situation.carol])
      expectNone(await readBack(reader, situation, situation.eventIds), () => situation.seed);
    await world.stillWorks(situation);
    expectNone(world.faults.take(), () => situation.seed);
  });
});
