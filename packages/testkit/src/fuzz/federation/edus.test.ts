import type { JsonObject, JsonValue } from '@myelin/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeFederations } from '../../federation/describe-federations.ts';
import { fuzzSeeds } from '../seeds.ts';
import { ForeignRoom } from './foreign-room.ts';
import { ForeignWorld } from './foreign-world.ts';
import { expectNone } from './judge-answer.ts';
import { oddEdu } from './odd-edus.ts';
import { rightAnswer } from './peer-answers.ts';
import { readBack } from './read-back.ts';
import { spoilt } from './spoilt-answers.ts';

/** Transactions a seed, each of up to eight EDUs. */
const batches = 8;
const seeds = fuzzSeeds(3);

describeFederations((start) => {
  let world: ForeignWorld;
  beforeAll(async () => {
    world = await ForeignWorld.start(start);
  });
  afterAll(() => world.stop());

  test.each(seeds)('EDUs of another server that nearly fit do no harm, seed %i', async (seed) => {
    const situation = await world.situation(seed);
    const { random, alice, carol, bob, known } = situation;
    const room = new ForeignRoom(world.peer, situation.version, bob);
    world.peer.handler = (request) => {
      const answer = rightAnswer(world.peer, [room], request);
      return answer && random.chance(0.3) ? spoilt(answer, { random, known }) : answer;
    };
    const sent: JsonValue[] = [];
    for (let batch = 0; batch < batches; batch++) {
      const edus = Array.from({ length: 1 + random.below(8) }, (_none, index) => oddEdu(situation, batch * 8 + index));
      sent.push(...edus);
      const answer = await world.transaction([], edus);
      expect([200, 401, 413], answer.text).toContain(answer.status);
      for (const client of [alice, carol]) await client.sync({ since: client.nextBatch });
      expectNone(world.faults.take(), () => edus);
    }
    // What the other server told must neither be in the way of the calls of clients, nor come back otherwise than it may.
    const queries: [string, JsonObject][] = [
      ['/_matrix/client/v3/keys/query', { device_keys: { [bob]: [] } }],
      ['/_matrix/client/v3/keys/claim', { one_time_keys: { [bob]: { FOREIGN: 'signed_curve25519' } } }],
    ];
    for (const [path, body] of queries) {
      const { status, text } = await alice.raw('POST', path, { body });
      expectNone(status === 200 ? [] : [`${path}: ${text}`], () => sent);
    }
    expectNone(await readBack(alice, situation, situation.eventIds), () => sent);
    await world.stillWorks(situation);
    expectNone(world.faults.take(), () => sent);
  });
});
