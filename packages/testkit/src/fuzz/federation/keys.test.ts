import { isJsonObject, type JsonObject, type JsonValue } from '@myelin/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeFederations } from '../../federation/describe-federations.ts';
import { TestPeer } from '../../federation/test-peer.ts';
import { Specification } from '../../specification/index.ts';
import { mutate, someChanges } from '../mutate.ts';
import { fuzzSeeds } from '../seeds.ts';
import { ForeignWorld } from './foreign-world.ts';
import { expectNone, problemsOf } from './judge-answer.ts';
import { RawCaller } from './raw-caller.ts';

/** Other servers a seed, each of which nobody knew before. */
const servers = 6;
const seeds = fuzzSeeds(3);
const specification = new Specification();

describeFederations((start) => {
  let world: ForeignWorld;
  beforeAll(async () => {
    world = await ForeignWorld.start(start);
  });
  afterAll(() => world.stop());

  test.each(seeds)('what servers say of their keys nearly as they should does no harm, seed %i', async (seed) => {
    const situation = await world.situation(seed);
    const { random, secret } = situation;
    for (let count = 0; count < servers; count++) {
      const peer = await TestPeer.start();
      const names = { ...situation.known, keys: [peer.serverName, peer.key.keyId, peer.key.publicKey] };
      let told: JsonValue = null;
      const changes = someChanges(random);
      peer.keyAnswer = (answer) => {
        told = mutate(answer, changes, { random, known: names });
        return isJsonObject(told) ? told : {};
      };
      const caller = new RawCaller(peer, world.server);
      const user = encodeURIComponent(`@eve:${peer.serverName}`);
      const room = encodeURIComponent(situation.roomId);
      const asked: JsonObject = { server_keys: { [peer.serverName]: {} } };
      const calls = [
        { method: 'GET', target: `/_matrix/federation/v1/make_join/${room}/${user}?ver=${situation.version}` },
        { method: 'GET', target: `/_matrix/key/v2/query/${encodeURIComponent(peer.serverName)}` },
        { method: 'POST', target: '/_matrix/key/v2/query', text: JSON.stringify(asked) },
      ];
      for (const call of calls) {
        const answer = await caller.call(call);
        const after = (): unknown => [call, answer.status, answer.text.slice(0, 2_000), told];
        expectNone(problemsOf(specification, call, answer, secret), after);
        expectNone(world.faults.take(), after);
        if (changes === 0 && call.method === 'GET') expect(answer.status).toBe(200);
      }
      caller.close();
      await peer.stop();
    }
    await world.stillWorks(situation);
    expectNone(world.faults.take(), () => seed);
  });
});
