import type { JsonObject } from '@myelin/protocol';
import { afterAll, beforeAll, test } from 'vitest';
import { describeFederations } from '../../federation/describe-federations.ts';
import { fuzzSeeds } from '../seeds.ts';
import { askingCall, problemsOfCall } from './asked-answers.ts';
import { ForeignRoom } from './foreign-room.ts';
import { ForeignWorld, fuzzedVersions } from './foreign-world.ts';
import { expectNone } from './judge-answer.ts';
import { rightAnswer } from './peer-answers.ts';
import { PeerMemory } from './peer-memory.ts';
import { spoilt } from './spoilt-answers.ts';

/** Calls of clients a seed. */
const calls = 25;
/** None of them waits longer, whatever the other server does. */
const longestMs = 30_000;
const seeds = fuzzSeeds(3);

describeFederations((start) => {
  let world: ForeignWorld;
  beforeAll(async () => {
    world = await ForeignWorld.start(start);
  });
  afterAll(() => world.stop());

  test.each(seeds)('answers of another server that nearly fit do no harm, seed %i', async (seed) => {
    const situation = await world.situation(seed);
    const { random, alice, carol, bob, known } = situation;
    const rooms = [random.pick(fuzzedVersions), situation.version].map(
      (version) => new ForeignRoom(world.peer, version, bob),
    );
    for (const room of rooms) room.isPartial = random.chance(0.5);
    const log: unknown[] = [];
    world.peer.received.length = 0;
    world.peer.handler = (request) => {
      const room =
        rooms.find(({ roomId }) => decodeURIComponent(request.url).includes(roomId)) ?? (rooms[0] as ForeignRoom);
      const memory = new PeerMemory(world.peer.serverName, room.version.id);
      for (const { eventId, event } of room.events) memory.keep(eventId, event);
      const right = rightAnswer(world.peer, rooms, request) ?? memory.answer(request);
      if (!right) return undefined;
      // So that some joins succeed, and what follows them is asked for.
      const isSpoilt = random.chance(0.5) && !(request.url.includes('/make_') && random.chance(0.5));
      const answer = isSpoilt ? spoilt(right, { random, known }) : right;
      log.push([request.url, isSpoilt ? JSON.stringify(answer)?.slice(0, 2_000) : 'right']);
      if (!isSpoilt && request.url.includes('/send_join/')) {
        const eventId = decodeURIComponent(request.url.split('?')[0] as string)
          .split('/')
          .at(-1) as string;
        room.enter(eventId, JSON.parse(request.body) as JsonObject);
      }
      return answer;
    };
    for (let count = 0; count < calls; count++) {
      log.length = 0;
      const call = askingCall(situation, world, rooms);
      const mayWait = rooms.some(
        ({ isPartial, roomId }) => isPartial && call.path.includes(encodeURIComponent(roomId)),
      );
      expectNone(await problemsOfCall(alice, call, longestMs, mayWait), () => [call, log]);
      expectNone(world.faults.take(), () => [call, log]);
      if (random.chance(0.3)) {
        // What has happened over there since, and is told.
        const room = random.pick(rooms);
        const [, event] = [
          room.add('m.room.topic', { topic: 'new' }, ''),
          room.add('m.room.message', { body: 'news' }),
        ];
        await world.transaction([event.event]);
        expectNone(world.faults.take(), () => [call, log]);
      }
      for (const client of [alice, carol]) await client.sync({ since: client.nextBatch });
    }
    const foreign = world.peer.received.filter(({ body }) => body !== '');
    expectNone(
      foreign.flatMap(({ url, body }) => problemsOfSigned(world, situation.alice.userId as string, url, body)),
      () => log,
    );
    await world.stillWorks(situation);
    expectNone(world.faults.take(), () => log);
  });
});

/** What this server signs for others: the membership of its own users, as they wanted it. */
function problemsOfSigned(world: ForeignWorld, userId: string, url: string, body: string): string[] {
  const match = /\/v\d\/(send_join|send_knock|send_leave|invite)\//.exec(url);
  if (!match) return [];
  const sent = JSON.parse(body) as JsonObject;
  const event = (match[1] === 'invite' && 'event' in sent ? sent['event'] : sent) as JsonObject;
  const membership = { send_join: 'join', send_knock: 'knock', send_leave: 'leave', invite: 'invite' }[
    match[1] as 'invite'
  ];
  const { type, sender, state_key: target, content } = event;
  const isWanted =
    type === 'm.room.member' &&
    sender === userId &&
    (content as JsonObject)['membership'] === membership &&
    (membership === 'invite' ? String(target).endsWith(`:${world.peer.serverName}`) : target === userId);
  return isWanted ? [] : [`signed for ${url}: ${body.slice(0, 3_000)}`];
}
