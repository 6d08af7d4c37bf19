import type { JsonValue } from '@myelin/protocol';
import { afterAll, beforeAll, test } from 'vitest';
import { describeFederations } from '../../federation/describe-federations.ts';
import { Specification } from '../../specification/index.ts';
import { fuzzSeeds } from '../seeds.ts';
import { problemsOfCall } from './asked-answers.ts';
import { ForeignRoom } from './foreign-room.ts';
import { ForeignWorld, fuzzedVersions } from './foreign-world.ts';
import { eventsSignedBy, expectNone, problemsOf } from './judge-answer.ts';
import { isSignedWrongly, oddDoor } from './odd-doors.ts';
import { OddEvents } from './odd-events.ts';
import { rightAnswer } from './peer-answers.ts';
import { readBack } from './read-back.ts';

/** Events that are handed in, a seed. */
const events = 20;
const seeds = fuzzSeeds(3);
const specification = new Specification();

describeFederations((start) => {
  let world: ForeignWorld;
  beforeAll(async () => {
    world = await ForeignWorld.start(start);
  });
  afterAll(() => world.stop());

  test.each(seeds)(
    'memberships and invites that nearly fit do no harm where they are handed in, seed %i',
    async (seed) => {
      const situation = await world.situation(seed);
      const { random, alice, carol, version, roomId, secret, bob } = situation;
      if (Number(version) >= 7 && random.chance(0.4)) {
        const rule = random.pick([
          { join_rule: 'knock' },
          { join_rule: 'restricted', allow: [{ type: 'm.room_membership', room_id: situation.quietRoomId }] },
        ]);
        await alice.sendState(roomId, 'm.room.join_rules', rule);
      }
      const maker = new OddEvents(world, situation);
      await maker.look();
      const calls: unknown[] = [];
      for (let count = 0; count < events; count++) {
        const room = new ForeignRoom(world.peer, random.pick(fuzzedVersions), bob);
        world.peer.handler = (request) => rightAnswer(world.peer, [room], request);
        const call = await oddDoor(world, situation, maker, room);
        if (!call) continue;
        calls.push(call);
        const answer = await world.caller.call(call);
        const after = (): unknown => [call, answer.status, answer.text.slice(0, 2_000)];
        expectNone(problemsOf(specification, call, answer, secret), after);
        const { serverName } = world.server;
        const signed = answer.status === 200 ? [...eventsSignedBy(serverName, answer.body as JsonValue)] : [];
        expectNone(
          signed
            .filter((event) => isSignedWrongly(event, serverName))
            .map((event) => `signed: ${JSON.stringify(event)}`),
          after,
        );
        for (const client of [alice, carol]) await client.sync({ since: client.nextBatch });
        if (answer.status === 200 && call.target.includes('/invite/')) {
          const next = {
            method: 'POST',
            path: `/_matrix/client/v3/rooms/${encodeURIComponent(room.roomId)}/${random.pick(['leave', 'join'])}`,
            body: {},
          };
          expectNone(await problemsOfCall(alice, next, 30_000), after);
        }
        expectNone(world.faults.take(), after);
      }
      expectNone(await readBack(alice, situation, situation.eventIds), () => calls);
      await world.stillWorks(situation);
      expectNone(world.faults.take(), () => calls);
    },
  );
});
