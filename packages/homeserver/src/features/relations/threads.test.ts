import { describeServers, type Json, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, beforeEach, expect, it } from 'vitest';

describeServers((start) => {
  let server: TestServer;
  let alice: TestClient;
  let bob: TestClient;
  let roomId: string;
  beforeAll(async () => {
    server = await start();
    alice = await server.registerUser('alice');
    bob = await server.registerUser('bob');
  });
  beforeEach(async () => {
    roomId = await alice.createRoom({ preset: 'public_chat' });
    await bob.joinRoom(roomId);
  });

  const reply = (client: TestClient, root: string, body = 'reply'): Promise<string> =>
    client.sendEvent(roomId, 'm.room.message', {
      msgtype: 'm.text',
      body,
      'm.relates_to': { rel_type: 'm.thread', event_id: root },
    });
  const redact = (client: TestClient, eventId: string): Promise<Json> =>
    client.call('redactEvent', { params: { roomId, eventId, txnId: client.nextTransaction() }, body: {} });
  const threads = (client: TestClient, query: Record<string, string | number> = {}, expectation = {}): Promise<Json> =>
    client.call('getThreadRoots', { params: { roomId }, query }, expectation);
  const ids = (answer: Json): string[] => answer.chunk.map((event: Json) => event.event_id);
  const threadOf = async (client: TestClient, root: string): Promise<Json> =>
    (await client.call('getOneRoomEvent', { params: { roomId, eventId: root } })).unsigned['m.relations']?.['m.thread'];
  const ignore = (client: TestClient, ...others: TestClient[]): Promise<Json> =>
    client.call('setAccountData', {
      params: { userId: client.userId!, type: 'm.ignored_user_list' },
      body: { ignored_users: Object.fromEntries(others.map((other) => [other.userId, {}])) },
    });

  it("tells with a thread's root how it goes", async () => {
    const root = await alice.sendText(roomId, 'root');
    await reply(alice, root);
    const last = await reply(alice, root, 'last');
    expect(await threadOf(bob, root)).toMatchObject({
      count: 2,
      current_user_participated: false,
      latest_event: { event_id: last, content: { body: 'last' } },
    });
    expect(await threadOf(alice, root)).toMatchObject({ current_user_participated: true });
    const own = await reply(bob, root);
    expect(await threadOf(bob, root)).toMatchObject({ count: 3, current_user_participated: true });
    const edit = await bob.sendEvent(roomId, 'm.room.message', {
      msgtype: 'm.text',
      body: '* edited',
      'm.new_content': { msgtype: 'm.text', body: 'edited' },
      'm.relates_to': { rel_type: 'm.replace', event_id: own },
    });
    const reference = await alice.sendEvent(roomId, 'org.example.event', {
      'm.relates_to': { rel_type: 'm.reference', event_id: own },
    });
    expect((await threadOf(bob, root)).latest_event.unsigned['m.relations']).toMatchObject({
      'm.replace': { event_id: edit },
      'm.reference': { chunk: [{ event_id: reference }] },
    });
  });

  it('does not count redacted replies, and goes on when the root is redacted', async () => {
    const root = await alice.sendText(roomId, 'root');
    const [first, second] = [await reply(bob, root), await reply(bob, root)];
    await redact(bob, second!);
    expect(await threadOf(alice, root)).toMatchObject({ count: 1, latest_event: { event_id: first } });
    await redact(alice, root);
    expect(await threadOf(alice, root)).toMatchObject({ count: 1 });
    expect(ids(await threads(alice))).toEqual([root]);
    await redact(bob, first!);
    expect(await threadOf(alice, root)).toBeUndefined();
    expect(ids(await threads(alice))).toEqual([]);
    const again = await reply(bob, root);
    expect(await threadOf(alice, root)).toMatchObject({ count: 1, latest_event: { event_id: again } });
  });

  it('begins on what relates to nothing itself', async () => {
    const root = await alice.sendText(roomId, 'root');
    const inThread = await reply(alice, root);
    const refused = {
      params: { roomId, eventType: 'm.room.message', txnId: 'x' },
      body: { msgtype: 'm.text', body: 'x', 'm.relates_to': { rel_type: 'm.thread', event_id: inThread } },
    };
    await bob.call('sendMessage', refused, { expect: 'M_UNKNOWN' });
    const richReply = await alice.sendEvent(roomId, 'm.room.message', {
      msgtype: 'm.text',
      body: 'y',
      'm.relates_to': { 'm.in_reply_to': { event_id: root } },
    });
    await reply(bob, richReply);
    expect(ids(await threads(bob))).toEqual([richReply, root]);
  });

  it('lists threads by their newest replies, in pages', async () => {
    const roots: string[] = [];
    for (let i = 0; i < 5; i++) roots.push(await alice.sendText(roomId, `root ${i}`));
    for (const i of [3, 0, 4, 1, 2]) await reply(alice, roots[i]!);
    await reply(alice, roots[0]!);
    const order = [0, 2, 1, 4, 3].map((i) => roots[i]!);
    const seen: string[] = [];
    let from: string | undefined;
    do {
      const page: Json = await threads(bob, { limit: 2, ...(from ? { from } : {}) });
      expect(page.chunk.length).toBeLessThanOrEqual(2);
      seen.push(...ids(page));
      from = page.next_batch;
    } while (from);
    expect(seen).toEqual(order);
    const { chunk } = await threads(bob, { limit: 1 });
    expect(chunk[0].unsigned['m.relations']['m.thread']).toMatchObject({ count: 2 });
    expect((await threads(bob, { limit: 1_000_000 })).chunk.length).toBe(5);
  });

  it('lists those that one takes part in', async () => {
    const [own, joined, other] = [
      await bob.sendText(roomId, 'own'),
      await alice.sendText(roomId, 'joined'),
      await alice.sendText(roomId, 'other'),
    ];
    for (const root of [own, joined, other]) await reply(alice, root!);
    const leaving = await reply(bob, other!);
    await reply(bob, joined!);
    await redact(bob, leaving);
    expect(ids(await threads(bob, { include: 'participated' }))).toEqual([joined, own]);
    expect(ids(await threads(bob, { include: 'all' })).length).toBe(3);
  });

  it('leaves ignored users out: their replies, and what they wrote as roots', async () => {
    const carol = await server.registerUser(`carol${Date.now()}`);
    await carol.joinRoom(roomId);
    const [byBob, byAlice] = [
      await bob.sendText(roomId, 'a root by bob'),
      await alice.sendText(roomId, 'a root by alice'),
    ];
    const kept = await reply(alice, byBob!);
    const unseen = await reply(bob, byAlice!);
    await reply(bob, byBob!);
    await ignore(carol, bob);
    // Only bob replied to this one: for carol nobody did.
    expect(ids(await threads(carol))).toEqual([byBob]);
    expect(await threadOf(carol, byAlice!)).toBeUndefined();
    const [root] = (await threads(carol)).chunk;
    expect(root.content).toEqual({});
    expect(root.unsigned['m.relations']['m.thread']).toMatchObject({ count: 1, latest_event: { event_id: kept } });
    expect((await threads(alice)).chunk[0].content.body).toBe('a root by bob');
    expect((await threadOf(alice, byAlice!)).latest_event.event_id).toBe(unseen);
  });

  it('shows those who left the threads as they were', async () => {
    const [first, second] = [await alice.sendText(roomId, 'first'), await alice.sendText(roomId, 'second')];
    await reply(alice, first!, 'before');
    await bob.leaveRoom(roomId);
    await reply(alice, first!, 'after');
    await reply(alice, second!, 'after');
    const { chunk } = await threads(bob);
    expect(chunk.map((event: Json) => event.event_id)).toEqual([first]);
    expect(chunk[0].unsigned['m.relations']['m.thread']).toMatchObject({
      count: 1,
      latest_event: { content: { body: 'before' } },
    });
  });

  it('refuses strangers and odd questions', async () => {
    const stranger = await server.registerUser(`stranger${Date.now()}`);
    await threads(stranger, {}, { expect: 'M_FORBIDDEN' });
    await threads(bob, { from: 'nonsense' }, { expect: 'M_INVALID_PARAM' });
    await threads(bob, { limit: 0 }, { expect: 'M_INVALID_PARAM' });
    await threads(bob, { limit: -1 }, { expect: 'M_INVALID_PARAM' });
    await threads(bob, { include: 'some' }, { expect: 'M_INVALID_PARAM' });
    await bob.call('getThreadRoots', { params: { roomId: '!nowhere:test' } }, { expect: 'M_FORBIDDEN' });
  });
});
