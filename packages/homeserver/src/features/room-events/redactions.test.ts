import { describeServers, type Json, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, it } from 'vitest';

describeServers((start) => {
  let server: TestServer;
  let alice: TestClient;
  let bob: TestClient;
  let roomId: string;
  beforeAll(async () => {
    server = await start({ config: { room_list_publication_rules: [{ action: 'allow' }] } });
    alice = await server.registerUser('alice');
    bob = await server.registerUser('bob');
    roomId = await alice.createRoom({ preset: 'public_chat' });
    await bob.joinRoom(roomId);
  });

  const redact = async (
    client: TestClient,
    room: string,
    eventId: string,
    body: unknown = {},
    expectation = {},
  ): Promise<Json> =>
    client.call(
      'redactEvent',
      { params: { roomId: room, eventId, txnId: client.nextTransaction() }, body },
      expectation,
    );
  const eventOf = (client: TestClient, eventId: string, room = roomId): Promise<Json> =>
    client.call('getOneRoomEvent', { params: { roomId: room, eventId } });
  const stateOf = (client: TestClient, room: string, eventType: string, stateKey = ''): Promise<Json> =>
    client.call('getRoomStateWithKey', { params: { roomId: room, eventType, stateKey } });

  describe.each(['1', '2', '3', '10', '11', '12'])('in room version %s', (version) => {
    let room: string;
    beforeAll(async () => {
      room = await alice.createRoom({ preset: 'public_chat', room_version: version });
      await bob.joinRoom(room);
    });

    it('takes the content away and says why', async () => {
      const eventId = await bob.sendText(room, 'a secret');
      const { event_id: redactionId } = await redact(bob, room, eventId, { reason: 'too much said' });
      for (const client of [alice, bob]) {
        const event = await eventOf(client, eventId, room);
        expect(event.content).toEqual({});
        expect(event.unsigned.redacted_because).toMatchObject({
          type: 'm.room.redaction',
          event_id: redactionId,
          sender: bob.userId,
          redacts: eventId,
          content: { reason: 'too much said', redacts: eventId },
        });
      }
      expect(await eventOf(alice, redactionId, room)).toMatchObject({
        redacts: eventId,
        content: { redacts: eventId },
      });
      const { chunk } = await alice.call('getRoomEvents', { params: { roomId: room }, query: { dir: 'b', limit: 2 } });
      expect(chunk.map((event: Json) => event.event_id)).toEqual([redactionId, eventId]);
      expect(JSON.stringify(chunk)).not.toContain('a secret');
    });

    it('can be sent as any other message event', async () => {
      const eventId = await bob.sendText(room, 'a secret');
      const redactionId = await bob.sendEvent(room, 'm.room.redaction', { redacts: eventId, reason: 'why' });
      expect((await eventOf(alice, eventId, room)).unsigned.redacted_because.event_id).toBe(redactionId);
      const elsewhere = await alice.sendText(room, 'of somebody else');
      await bob.call(
        'sendMessage',
        { params: { roomId: room, eventType: 'm.room.redaction', txnId: 'x' }, body: { redacts: elsewhere } },
        { expect: 'M_FORBIDDEN' },
      );
      await bob.call(
        'sendMessage',
        { params: { roomId: room, eventType: 'm.room.redaction', txnId: 'y' }, body: {} },
        { expect: 'M_BAD_JSON' },
      );
    });

    it('is for authors and moderators', async () => {
      const ofAlice = await alice.sendText(room, 'by alice');
      const ofBob = await bob.sendText(room, 'by bob');
      await redact(bob, room, ofAlice, {}, { expect: 'M_FORBIDDEN' });
      await redact(alice, room, ofBob);
      expect((await eventOf(bob, ofBob, room)).content).toEqual({});
      expect((await eventOf(bob, ofAlice, room)).content.body).toBe('by alice');
    });

    it('keeps what the room stands on', async () => {
      const { content, event_id: member } = (await alice.call('getRoomState', { params: { roomId: room } })).find(
        (event: Json) => event.type === 'm.room.member' && event.state_key === bob.userId,
      );
      expect(content).toMatchObject({ membership: 'join', displayname: 'bob' });
      await redact(alice, room, member);
      expect(await stateOf(alice, room, 'm.room.member', bob.userId)).toEqual({ membership: 'join' });
      await bob.sendText(room, 'still in');
      expect(
        (await bob.call('getJoinedMembersByRoom', { params: { roomId: room } })).joined[bob.userId!].display_name,
      ).toBeNull();
    });
  });

  it('takes state away from everywhere', async () => {
    const room = await alice.createRoom({ preset: 'public_chat', visibility: 'public', name: 'Secret name' });
    const first = await alice.sendState(room, 'm.room.topic', { topic: 'Secret topic' });
    const second = await alice.sendState(room, 'm.room.topic', { topic: 'Another topic' });
    const listed = async (): Promise<string> => JSON.stringify(await bob.call('getPublicRooms'));
    expect(await listed()).toContain('Another topic');
    const name = (await alice.call('getRoomState', { params: { roomId: room } })).find(
      (event: Json) => event.type === 'm.room.name',
    );
    await redact(alice, room, first);
    await redact(alice, room, second);
    await redact(alice, room, name.event_id);
    expect(await stateOf(alice, room, 'm.room.topic')).toEqual({});
    expect((await eventOf(alice, second, room)).unsigned.prev_content).toEqual({});
    for (const text of [
      await listed(),
      JSON.stringify(await alice.call('getRoomState', { params: { roomId: room } })),
    ]) {
      expect(text).not.toMatch(/Secret|Another/);
    }
    // The same name again is a new event: the redacted one says nothing any more.
    expect(await alice.sendState(room, 'm.room.name', { name: 'Secret name' })).not.toBe(name.event_id);
  });

  it('does not reach into other rooms', async () => {
    const other = await alice.createRoom();
    const secret = await alice.sendText(other, 'elsewhere');
    const ownRoom = await bob.createRoom();
    await redact(bob, ownRoom, secret, {}, { expect: 'M_NOT_FOUND' });
    await bob.call(
      'sendMessage',
      { params: { roomId: ownRoom, eventType: 'm.room.redaction', txnId: 'r' }, body: { redacts: secret } },
      { expect: 'M_NOT_FOUND' },
    );
    await redact(bob, other, secret, {}, { expect: 'M_FORBIDDEN' });
    await redact(bob, ownRoom, '$unknown', {}, { expect: 'M_NOT_FOUND' });
    expect((await eventOf(alice, secret, other)).content.body).toBe('elsewhere');
  });

  it('spares create events and server ACLs', async () => {
    const acl = await alice.sendState(roomId, 'm.room.server_acl', { allow: ['*'] });
    const create = (await alice.call('getRoomState', { params: { roomId } })).find(
      (event: Json) => event.type === 'm.room.create',
    );
    await redact(alice, roomId, acl, {}, { expect: 'M_FORBIDDEN' });
    await redact(alice, roomId, create.event_id, {}, { expect: 'M_FORBIDDEN' });
  });

  it('wants one event named, not two', async () => {
    const room = await alice.createRoom({ room_version: '11' });
    const eventId = await alice.sendText(room, 'one');
    await redact(alice, room, eventId, { redacts: await alice.sendText(room, 'two') }, { expect: 'M_INVALID_PARAM' });
    await redact(alice, room, eventId, { redacts: eventId });
  });

  it('twice changes nothing more', async () => {
    const eventId = await alice.sendText(roomId, 'one');
    const { event_id: first } = await redact(alice, roomId, eventId);
    await redact(alice, roomId, eventId);
    expect((await eventOf(bob, eventId)).unsigned.redacted_because.event_id).toBe(first);
    const params = { roomId, eventId: await alice.sendText(roomId, 'two'), txnId: 'once' };
    const once = await alice.call('redactEvent', { params, body: {} });
    expect(await alice.call('redactEvent', { params, body: {} })).toEqual(once);
  });

  it('of redactions of redactions tells no endless story', async () => {
    let last = await alice.sendText(roomId, 'first');
    const eventId = last;
    for (let i = 0; i < 30; i++) last = (await redact(alice, roomId, last, { reason: `reason ${i}` })).event_id;
    const event = await eventOf(alice, eventId);
    expect(event.unsigned.redacted_because).toBeDefined();
    // The redaction was redacted itself: its reason is gone.
    expect(JSON.stringify(event)).not.toContain('reason');
    expect(JSON.stringify(event).length).toBeLessThan(2_000);
  });

  it('is for administrators of the server too, for its users', async () => {
    const admin = await server.registerAdmin('admin');
    await admin.joinRoom(roomId);
    const eventId = await bob.sendText(roomId, 'against the rules');
    await redact(admin, roomId, eventId);
    expect((await eventOf(bob, eventId)).content).toEqual({});
  });

  it('by moderators has a limit of its own where it is set', async () => {
    const few = { per_second: 0.001, burst_count: 2 };
    const own = await start({ config: { rc_admin_redaction: few } });
    const moderator = await own.registerUser('moderator');
    const user = await own.registerUser('user');
    const room = await moderator.createRoom({ preset: 'public_chat' });
    await user.joinRoom(room);
    const events = await Promise.all(['1', '2', '3'].map((body) => user.sendText(room, body)));
    await redact(moderator, room, events[0]!);
    await redact(moderator, room, events[1]!);
    await redact(moderator, room, events[2]!, {}, { expect: 'M_LIMIT_EXCEEDED' });
    for (const body of ['a', 'b', 'c']) await redact(moderator, room, await moderator.sendText(room, body));
  });
});
