import { beforeAll, describe, expect, test } from 'vitest';
import type { ReceivedAnswer } from '../client/http-client.ts';
import type { TestClient } from '../client/test-client.ts';
import { describeServers } from '../server/describe-servers.ts';
import type { TestServer } from '../server/test-server.ts';
import { Specification } from '../specification/index.ts';
import { randomRequest } from './random-request.ts';
import { Seeded } from './seeded.ts';
import type { KnownNames } from './value-from-schema.ts';

/** Requests an operation; MYELIN_TEST_FUZZ=1000 looks harder. */
const rounds = Number(process.env['MYELIN_TEST_FUZZ'] ?? 8);
const seed = Number(process.env['MYELIN_TEST_SEED'] ?? 1);
const operations = new Specification().operations.filter(({ api }) => api === 'client-server');

/** A user with two rooms, and the names of what they can reach. */
interface Situation {
  user: TestClient;
  rooms: readonly string[];
  known: KnownNames;
}

describeServers((start) => {
  let server: TestServer;
  let situations = 0;
  beforeAll(async () => {
    server = await start();
  });

  async function situation(): Promise<Situation> {
    situations += 1;
    const client = server.client({ unrecorded: true });
    const [user, other] = await Promise.all(
      ['some', 'other'].map((name) => client.registerUser(`${name}-${situations}`)),
    );
    const alias = `lobby-${situations}`;
    const theirs = await other!.createRoom({ preset: 'public_chat', room_alias_name: alias });
    const [own] = await Promise.all([user!.createRoom({ preset: 'public_chat' }), user!.joinRoom(theirs)]);
    const eventId = await user!.sendText(own!, 'hello');
    await user!.sync();
    const userIds = [user!.userId!, user!.userId!, other!.userId!];
    const roomIds = [own!, own!, theirs];
    const aliases = [`#${alias}:test`, '#other:test'];
    return {
      user: user!,
      rooms: [own!, theirs],
      known: {
        userId: userIds,
        'mx-user-id': userIds,
        roomId: roomIds,
        'mx-room-id': roomIds,
        roomIdOrAlias: [...roomIds, ...aliases],
        roomAlias: aliases,
        'mx-room-alias': aliases,
        eventId: [eventId],
        'mx-event-id': [eventId],
        event_id: [eventId],
        deviceId: [user!.deviceId!],
        eventType: [
          'm.room.message',
          'm.room.name',
          'm.room.member',
          'm.room.power_levels',
          'm.room.encrypted',
          'org.x',
        ],
        stateKey: ['', user!.userId!],
        type: ['m.direct', 'org.example.type', 'm.fully_read', 'm.push_rules'],
        kind: ['override', 'content', 'room', 'sender', 'underride'],
        ruleId: ['.m.rule.master', 'mine'],
        receiptType: ['m.read', 'm.read.private', 'm.fully_read'],
        relType: ['m.annotation', 'm.thread', 'm.replace'],
        serverName: ['test'],
        keyName: ['displayname', 'avatar_url', 'org.example'],
        tag: ['m.favourite', 'u.mine'],
        filterId: ['0'],
        version: ['1'],
        from: [user!.nextBatch!],
        to: [user!.nextBatch!],
        since: [user!.nextBatch!],
        ts: ['1', '9007199254740991'],
        dir: ['f', 'b'],
      },
    };
  }

  let current: Situation | undefined;

  /** The situation that there is, or a new one if a request ended the session or led out of a room. */
  async function inSituation(): Promise<Situation> {
    if (current) {
      const { status, body } = await current.user.raw('GET', '/_matrix/client/v3/joined_rooms');
      if (status === 200 && current.rooms.every((room) => body.joined_rooms.includes(room))) return current;
    }
    current = await situation();
    return current;
  }

  /** A fault is an answer of 500; that a remote server can't be reached (502, 504) isn't one. */
  function judge(answer: ReceivedAnswer, what: unknown): void {
    expect([500, 501, 503], `${JSON.stringify(what)?.slice(0, 2_000)}\n${answer.text}`).not.toContain(answer.status);
  }

  describe.each(operations)('$id', (operation) => {
    test('answers requests that nearly fit with something that fits', async () => {
      const random = new Seeded(seed + operations.indexOf(operation) * 7919);
      let { user, known } = await inSituation();
      for (let round = 0; round < rounds; round += 1) {
        const request = randomRequest(operation, { random, known, hostility: round % 2 === 0 ? 0.01 : 0.2 });
        const answer = await user.send(operation.id, request, { expect: 'any' });
        judge(answer, request);
        if (answer.body?.errcode === 'M_UNRECOGNIZED') return;
        if (answer.status === 200 || answer.status === 401) ({ user, known } = await inSituation());
      }
    });
  });

  const withBody = operations.filter(
    ({ requestBody }) => requestBody?.content?.['application/json'] && requestBody.required,
  );
  test('refuses bodies that are not JSON objects', async () => {
    const bodies = [
      '{',
      '',
      '[]',
      'null',
      '"text"',
      '\u0000',
      `${'['.repeat(50_000)}`,
      new Uint8Array([0x7b, 0xff, 0x7d]),
    ];
    let { user, known } = await inSituation();
    for (const operation of withBody) {
      const random = new Seeded(seed);
      const { params = {}, query = {} } = randomRequest(operation, { random, known, hostility: 0 });
      for (const bytes of bodies) {
        const answer = await user.send(operation.id, { params, query, bytes }, { expect: 'any' });
        const shown = typeof bytes === 'string' ? bytes.slice(0, 20) : 'bytes that are not UTF-8';
        judge(answer, [operation.id, shown]);
        if (bytes === '') continue;
        expect(answer.status, `${operation.id} took ${shown}: ${answer.text}`).toBeGreaterThanOrEqual(400);
      }
      ({ user, known } = await inSituation());
    }
  });

  test('serves on after all that', async () => {
    const alice = await server.client({ unrecorded: true }).registerUser('alice');
    const roomId = await alice.createRoom();
    await alice.sync();
    const eventId = await alice.sendText(roomId, 'still here');
    await alice.waitForEvent(roomId, eventId);
  });
});
