import { afterAll, beforeAll, test } from 'vitest';
import { describeFederations } from '../../federation/describe-federations.ts';
import { Specification } from '../../specification/index.ts';
import { fuzzSeeds } from '../seeds.ts';
import { ForeignWorld } from './foreign-world.ts';
import { expectNone, problemsOf } from './judge-answer.ts';
import { oddRequest } from './odd-requests.ts';

/** Requests a seed. */
const requests = 60;
const seeds = fuzzSeeds(3);
const specification = new Specification();
const operations = specification.operations.filter(
  ({ api, path }) => api === 'server-server' && !path.startsWith('/_matrix/policy'),
);

describeFederations((start) => {
  let world: ForeignWorld;
  beforeAll(async () => {
    world = await ForeignWorld.start(start);
  });
  afterAll(() => world.stop());

  test.each(seeds)('requests of another server that nearly fit are answered, seed %i', async (seed) => {
    const situation = await world.situation(seed);
    for (let count = 0; count < requests; count++) {
      const operation = situation.random.pick(operations);
      const call = oddRequest(operation, situation);
      const answer = await world.caller.call(call);
      expectNone(problemsOf(specification, call, answer, situation.secret), () => [call, answer.status, answer.text]);
      expectNone(world.faults.take(), () => call);
    }
    await world.stillWorks(situation);
    expectNone(world.faults.take(), () => seed);
  });
});
