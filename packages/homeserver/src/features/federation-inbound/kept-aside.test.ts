import { openReadOnly, sql } from '@myelin/database';
import { systemRuntime } from '@myelin/runtime';
import {
  describeFederations,
  PeerRooms,
  shiftableRuntime,
  TestPeer,
  type TestClient,
  type TestServer,
} from '@myelin/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PeerRoom } from './testing/peer-room.ts';

const day = 24 * 3_600_000;
/** As large as a message may be, nearly. */
const body = 'x'.repeat(60_000);

describeFederations((start) => {
  const runtime = shiftableRuntime();
  let server: TestServer;
  let inside: PeerRooms;
  let outside: PeerRooms;
  let alice: TestClient;
  let roomId: string;
  let ofBob: PeerRoom;
  let ofEve: PeerRoom;

  beforeAll(async () => {
    [server] = (await start(1, { onDisk: true, runtime })) as [TestServer];
    const handler = () => ({ body: { pdus: {} } });
    inside = new PeerRooms(await TestPeer.start({ host: '127.0.0.1', handler }), server);
    outside = new PeerRooms(await TestPeer.start({ handler }), server);
    for (const { peer } of [inside, outside]) peer.validForMs = 3 * day;
    alice = await server.registerUser('alice');
    roomId = await alice.createRoom({ preset: 'public_chat' });
    ofBob = await PeerRoom.enter(inside, roomId, inside.userId('bob'));
    ofEve = await PeerRoom.enter(outside, roomId, outside.userId('eve'));
    await ofEve.send(ofEve.next({ ...member, sender: eve(), stateKey: eve(), content: { membership: 'leave' } }));
  });
  afterAll(() => Promise.all([inside.peer.stop(), outside.peer.stop()]));

  const eve = (): string => outside.userId('eve');
  const member = { type: 'm.room.member' };
  let made = 0;
  const message = (sender: string) => ({
    type: 'm.room.message',
    sender,
    content: { msgtype: 'm.text', body, n: made++ },
  });
  /** What is said of so many events that the room's rules refuse: whether they are kept. */
  async function refused(room: PeerRoom, sender: string, count: number): Promise<boolean[]> {
    const events = Array.from({ length: count }, () => room.make(message(sender)));
    const answer = await room.send(...events);
    return events.map(({ eventId }) => answer[eventId].error === undefined);
  }
  /** The rows of a table. */
  async function kept(table = 'events'): Promise<number> {
    const database = await openReadOnly(server.config.database as Parameters<typeof openReadOnly>[0], systemRuntime);
    const found = await database.reader.get<{ n: number }>(sql`SELECT COUNT(*) AS n FROM ${sql.raw(table)}`);
    await database.close();
    return found?.n ?? 0;
  }

  it('refused events of a server that is not in the room are kept as far as they are few, a day', async () => {
    await alice.sendState(roomId, 'm.room.join_rules', { join_rule: 'invite' });
    const before = await kept();
    const first = await refused(ofEve, eve(), 20);
    expect(first).toEqual(first.map(() => true));
    await refused(ofEve, eve(), 20);
    expect(await refused(ofEve, eve(), 10)).toEqual(Array.from({ length: 10 }, () => false));
    expect((await kept()) - before).toBeLessThan(37);
    // Nor are the names that are in them, though they were right where they stand.
    const users = await kept('user_names');
    const late = Array.from({ length: 5 }, (_none, n) => {
      const somebody = outside.userId(`somebody${n}`);
      return ofEve.make({ ...member, sender: somebody, stateKey: somebody, content: { membership: 'join' } });
    });
    const answers = await ofEve.send(...late);
    expect(late.map(({ eventId }) => typeof answers[eventId].error)).toEqual(late.map(() => 'string'));
    expect(await kept('user_names')).toBe(users);
    // Those of servers in the room are kept all the same.
    expect(await refused(ofBob, inside.userId('stranger'), 5)).toEqual(Array.from({ length: 5 }, () => true));
    runtime.forward(day);
    expect(await refused(ofEve, eve(), 1)).toEqual([true]);
  });
});
