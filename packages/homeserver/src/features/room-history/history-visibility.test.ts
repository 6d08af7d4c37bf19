import { describeServers, type Json, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, it } from 'vitest';

/** What happens in each room, in this order; the messages are named by when they were sent. */
const messages = ['before', 'invited', 'joined', 'left', 'again', 'banned'] as const;
type Message = (typeof messages)[number];

describeServers((start) => {
  let server: TestServer;
  let alice: TestClient;
  /** Was invited, joined, left, joined again and was banned. */
  let bob: TestClient;
  /** Joined when all was over. */
  let carol: TestClient;
  /** Was never there. */
  let stranger: TestClient;
  beforeAll(async () => {
    server = await start();
    [alice, bob, carol, stranger] = (await Promise.all(
      ['alice', 'bob', 'carol', 'stranger'].map((name) => server.registerUser(name)),
    )) as [TestClient, TestClient, TestClient, TestClient];
  });

  async function makeHistory(visibility: string): Promise<{ roomId: string; sent: Record<Message, string> }> {
    const roomId = await alice.createRoom({
      preset: 'public_chat',
      initial_state: [{ type: 'm.room.history_visibility', content: { history_visibility: visibility } }],
    });
    const sent = {} as Record<Message, string>;
    const say = async (message: Message): Promise<void> => {
      sent[message] = await alice.sendText(roomId, message);
    };
    await say('before');
    await alice.invite(roomId, bob.userId!);
    await say('invited');
    await bob.joinRoom(roomId);
    await say('joined');
    await bob.leaveRoom(roomId);
    await say('left');
    await bob.joinRoom(roomId);
    await say('again');
    await alice.call('ban', { params: { roomId }, body: { user_id: bob.userId } });
    await say('banned');
    await carol.joinRoom(roomId);
    return { roomId, sent };
  }

  /** The messages that an endpoint which takes an event shows. */
  async function shownBy(sent: Record<Message, string>, ask: (eventId: string) => Promise<Json>): Promise<Message[]> {
    const shown: Message[] = [];
    for (const message of messages) if ((await ask(sent[message])).status === 200) shown.push(message);
    return shown;
  }

  const cases: [string, { bob: Message[]; carol: Message[]; stranger: Message[] }][] = [
    ['world_readable', { bob: [...messages], carol: [...messages], stranger: [...messages] }],
    ['shared', { bob: ['before', 'invited', 'joined', 'left', 'again'], carol: [...messages], stranger: [] }],
    ['invited', { bob: ['invited', 'joined', 'again'], carol: [], stranger: [] }],
    ['joined', { bob: ['joined', 'again'], carol: [], stranger: [] }],
  ];

  describe.each(cases)('where history is %s', (visibility, expected) => {
    let roomId: string;
    let sent: Record<Message, string>;
    beforeAll(async () => {
      ({ roomId, sent } = await makeHistory(visibility));
    });
    const people = (): [TestClient, Message[]][] => [
      [alice, [...messages]],
      [bob, expected.bob],
      [carol, expected.carol],
      [stranger, expected.stranger],
    ];

    it.each(['getOneRoomEvent', 'getEventContext', 'getRelatingEvents'])(
      '%s shows what each may see, and nothing else',
      async (operation) => {
        for (const [client, seen] of people()) {
          const ask = (eventId: string): Promise<Json> =>
            client.send(operation, { params: { roomId, eventId } }, { expect: [200, 403, 404] });
          expect([client.userId, await shownBy(sent, ask)]).toEqual([client.userId, seen]);
        }
      },
    );

    it.each(['b', 'f'])('so do pages of messages (%s)', async (dir) => {
      for (const [client, seen] of people()) {
        if (client === stranger && visibility !== 'world_readable') {
          await client.call('getRoomEvents', { params: { roomId }, query: { dir } }, { expect: 'M_FORBIDDEN' });
          continue;
        }
        const bodies: string[] = [];
        let from: string | undefined;
        do {
          const page: Json = await client.call('getRoomEvents', {
            params: { roomId },
            query: { dir, limit: 4, ...(from ? { from } : {}) },
          });
          bodies.push(...page.chunk.flatMap((event: Json) => event.content.body ?? []));
          from = page.end;
        } while (from);
        // For who has left the room's pages end there, however open it is.
        const expectedBodies = client === bob ? seen.filter((message) => message !== 'banned') : seen;
        expect([client.userId, dir === 'b' ? bodies.toReversed() : bodies]).toEqual([client.userId, expectedBodies]);
      }
    });

    it('what is around an event is no way past it', async () => {
      for (const [client, seen] of people()) {
        for (const message of seen) {
          const context = await client.call('getEventContext', {
            params: { roomId, eventId: sent[message] },
            query: { limit: 50 },
          });
          const bodies = [...context.events_before, ...context.events_after].flatMap(
            (event: Json) => event.content.body ?? [],
          );
          expect(seen).toEqual(expect.arrayContaining(bodies));
        }
      }
    });

    it("state and members are those of one's own time", async () => {
      await alice.sendState(roomId, 'm.room.topic', { topic: 'afterwards' });
      const topic = { roomId, eventType: 'm.room.topic', stateKey: '' };
      await bob.call('getRoomStateWithKey', { params: topic }, { expect: 'M_NOT_FOUND' });
      expect(JSON.stringify(await bob.call('getRoomState', { params: { roomId } }))).not.toContain('afterwards');
      const { chunk } = await bob.call('getMembersByRoom', { params: { roomId } });
      expect(chunk.map((event: Json) => event.state_key)).not.toContain(carol.userId);
      expect(await carol.call('getRoomStateWithKey', { params: topic })).toEqual({ topic: 'afterwards' });
      await stranger.call('getMembersByRoom', { params: { roomId } }, { expect: 'M_FORBIDDEN' });
      await stranger.call('getJoinedMembersByRoom', { params: { roomId } }, { expect: 'M_FORBIDDEN' });
      await bob.call('getJoinedMembersByRoom', { params: { roomId } }, { expect: 'M_FORBIDDEN' });
      await stranger.call(
        'getRoomState',
        { params: { roomId } },
        { expect: visibility === 'world_readable' ? 200 : 'M_FORBIDDEN' },
      );
      await stranger.call(
        'getRoomStateWithKey',
        { params: topic },
        { expect: visibility === 'world_readable' ? 200 : 'M_FORBIDDEN' },
      );
    });

    it('events are found by their time if one may see them', async () => {
      const query = { ts: 0, dir: 'f' };
      for (const [client, seen] of people()) {
        if (client === stranger && seen.length === 0) {
          await client.call('getEventByTimestamp', { params: { roomId }, query }, { expect: 'M_FORBIDDEN' });
          continue;
        }
        const { event_id: eventId } = await client.call('getEventByTimestamp', { params: { roomId }, query });
        await client.call('getOneRoomEvent', { params: { roomId, eventId } });
      }
    });
  });

  it('a change of visibility is seen by those whom the one before or after lets see it', async () => {
    const roomId = await alice.createRoom({ preset: 'public_chat' });
    const secret = await alice.sendText(roomId, 'secret');
    const opening = await alice.sendState(roomId, 'm.room.history_visibility', {
      history_visibility: 'world_readable',
    });
    const open = await alice.sendText(roomId, 'open');
    const topic = await alice.sendState(roomId, 'm.room.topic', { topic: 'one' });
    const closing = await alice.sendState(roomId, 'm.room.history_visibility', { history_visibility: 'joined' });
    const closed = await alice.sendText(roomId, 'closed');
    const last = await alice.sendState(roomId, 'm.room.history_visibility', { history_visibility: 'world_readable' });
    const seen = [opening, open, topic, closing, last];
    for (const eventId of [secret, opening, open, topic, closing, closed, last]) {
      const params = { roomId, eventId };
      await stranger.call('getOneRoomEvent', { params }, { expect: seen.includes(eventId) ? 200 : 'M_NOT_FOUND' });
    }
    // What an event replaced is told only to those who might see it: the stranger could not.
    const peeked = await stranger.call('getOneRoomEvent', { params: { roomId, eventId: opening } });
    expect(peeked.unsigned).toHaveProperty('replaces_state');
    expect(peeked.unsigned).not.toHaveProperty('prev_content');
    expect(
      (await alice.call('getOneRoomEvent', { params: { roomId, eventId: opening } })).unsigned.prev_content,
    ).toEqual({ history_visibility: 'shared' });
  });

  it('who joined is not told what the state was before, where that is not theirs', async () => {
    const roomId = await alice.createRoom({
      preset: 'public_chat',
      initial_state: [{ type: 'm.room.history_visibility', content: { history_visibility: 'joined' } }],
    });
    await alice.sendState(roomId, 'm.room.topic', { topic: 'secret' });
    await carol.joinRoom(roomId);
    const changed = await alice.sendState(roomId, 'm.room.topic', { topic: 'public' });
    const event = await carol.call('getOneRoomEvent', { params: { roomId, eventId: changed } });
    expect(event.content).toEqual({ topic: 'public' });
    expect(event.unsigned).not.toHaveProperty('prev_content');
    const again = await alice.sendState(roomId, 'm.room.topic', { topic: 'more' });
    expect((await carol.call('getOneRoomEvent', { params: { roomId, eventId: again } })).unsigned.prev_content).toEqual(
      { topic: 'public' },
    );
  });

  it('what happens to somebody after they left changes nothing of what they saw', async () => {
    const roomId = await alice.createRoom({ preset: 'private_chat' });
    await alice.invite(roomId, bob.userId!);
    await bob.joinRoom(roomId);
    const theirs = await alice.sendText(roomId, 'theirs');
    await bob.leaveRoom(roomId);
    const later = await alice.sendText(roomId, 'later');
    const check = async (): Promise<void> => {
      await bob.call('getOneRoomEvent', { params: { roomId, eventId: theirs } });
      await bob.call('getOneRoomEvent', { params: { roomId, eventId: later } }, { expect: 'M_NOT_FOUND' });
      const { chunk } = await bob.call('getRoomEvents', { params: { roomId }, query: { dir: 'b', limit: 100 } });
      expect(chunk[0]).toMatchObject({ type: 'm.room.member', content: { membership: 'leave' } });
    };
    await check();
    await alice.invite(roomId, bob.userId!);
    await check();
    await bob.leaveRoom(roomId);
    await check();
    await alice.call('ban', { params: { roomId }, body: { user_id: bob.userId } });
    await check();
    await alice.call('unban', { params: { roomId }, body: { user_id: bob.userId } });
    await check();
  });

  it('who only declined an invite, or was banned without ever being there, sees nothing', async () => {
    const roomId = await alice.createRoom({ preset: 'private_chat' });
    const eventId = await alice.sendText(roomId, 'inside');
    await alice.invite(roomId, carol.userId!);
    for (const step of [
      async () => {},
      () => carol.leaveRoom(roomId),
      () => alice.call('ban', { params: { roomId }, body: { user_id: carol.userId } }),
    ]) {
      await step();
      await carol.call('getOneRoomEvent', { params: { roomId, eventId } }, { expect: 'M_NOT_FOUND' });
      await carol.call('getRoomEvents', { params: { roomId }, query: { dir: 'b' } }, { expect: 'M_FORBIDDEN' });
      await carol.call('getRoomState', { params: { roomId } }, { expect: 'M_FORBIDDEN' });
      await carol.call('getMembersByRoom', { params: { roomId } }, { expect: 'M_FORBIDDEN' });
    }
  });

  it('ignored users are not seen, but for what makes the room', async () => {
    const roomId = await alice.createRoom({ preset: 'public_chat' });
    const reader = await server.registerUser('reader');
    await reader.joinRoom(roomId);
    const eventId = await alice.sendText(roomId, 'not for the reader');
    await alice.sendState(roomId, 'm.room.topic', { topic: 'state' });
    const body = { ignored_users: { [alice.userId!]: {} } };
    await reader.call('setAccountData', { params: { userId: reader.userId!, type: 'm.ignored_user_list' }, body });
    await reader.call('getOneRoomEvent', { params: { roomId, eventId } }, { expect: 'M_NOT_FOUND' });
    const { chunk } = await reader.call('getRoomEvents', { params: { roomId }, query: { dir: 'b', limit: 50 } });
    expect(chunk.map((event: Json) => event.type)).not.toContain('m.room.message');
    expect(chunk.map((event: Json) => event.type)).toContain('m.room.topic');
    await reader.call('getEventContext', { params: { roomId, eventId } }, { expect: 'M_NOT_FOUND' });
  });
});
