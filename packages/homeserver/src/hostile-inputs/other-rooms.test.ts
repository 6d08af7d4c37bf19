import { allEndpoints, type Endpoint } from '@myelin/api';
import { describeServers, type Json, type ReceivedAnswer, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { harmless } from './testing/read-everything.ts';

const clientEndpoints = allEndpoints.filter(({ source }) => source === 'client-server' || source === 'msc');
const asksFor = (name: string) => (endpoint: Endpoint) => new RegExp(`:${name}\\b`).test(endpoint.paths[0] ?? '');
const named = (endpoints: readonly Endpoint[]) => endpoints.map((endpoint) => [endpoint.id, endpoint] as const);
const roomEndpoints = named(
  clientEndpoints.filter((each) => asksFor('roomId')(each) || asksFor('roomIdOrAlias')(each)),
);
const eventEndpoints = named(clientEndpoints.filter(asksFor('eventId')));

describeServers((start) => {
  let server: TestServer;
  let alice: TestClient;
  let eve: TestClient;
  /** Alice's alone. */
  let hidden: string;
  let hiddenEvents: string[];
  /** Alice and Eve are in it. */
  let lobby: string;
  let eves: string;

  beforeAll(async () => {
    server = await start();
    [alice, eve] = (await Promise.all(
      ['alice', 'eve'].map((name) => server.client({ unrecorded: true }).registerUser(name)),
    )) as [TestClient, TestClient];
    hidden = await alice.createRoom({ name: 'hush: name', topic: 'hush: topic', invite: ['@hush:test'] });
    const message = await alice.sendText(hidden, 'hush: text');
    const thread = { rel_type: 'm.thread', event_id: message };
    const reply = await alice.sendEvent(hidden, 'm.room.message', {
      msgtype: 'm.text',
      body: 'hush: reply',
      'm.relates_to': thread,
    });
    const state = await alice.sendState(hidden, 'org.example.state', { value: 'hush: state' });
    hiddenEvents = [message, reply, state];
    lobby = await alice.createRoom({ preset: 'public_chat' });
    await eve.joinRoom(lobby);
    await eve.sendText(lobby, 'hello');
    eves = await eve.createRoom();
    await eve.sync();
  });

  const call = (client: TestClient, endpoint: Endpoint, roomId: string, eventId: string): Promise<ReceivedAnswer> => {
    const params = {
      roomId,
      roomIdOrAlias: roomId,
      eventId,
      userId: client.userId!,
      txnId: client.nextTransaction(),
      eventType: 'm.room.name',
      stateKey: '',
      type: 'org.example.data',
      tag: 'u.mine',
      receiptType: 'm.read',
      relType: 'm.thread',
      sessionId: 'session',
    };
    const bodies: Readonly<Record<string, object>> = {
      setReadMarker: { 'm.fully_read': eventId, 'm.read': eventId, 'm.read.private': eventId },
      setTyping: { typing: true, timeout: 1_000 },
      upgradeRoom: { new_version: '11' },
      setRoomVisibilityOnDirectory: { visibility: 'public' },
      setRoomStateWithKey: { name: 'taken over' },
      putRoomKeysByRoomId: { sessions: {} },
      putRoomKeyBySessionId: { first_message_index: 0, forwarded_count: 0, is_verified: false, session_data: {} },
    };
    const target = { user_id: '@hush:test', reason: 'none' };
    const body =
      endpoint.body === undefined || endpoint.body === 'bytes' ? {} : { body: bodies[endpoint.id] ?? target };
    const query: Record<string, string> =
      { getRoomEvents: { dir: 'b', from: client.nextBatch! }, getEventByTimestamp: { ts: '0', dir: 'f' } }[
        endpoint.id
      ] ?? {};
    return client.send(endpoint, { params, query, ...body }, { expect: [...harmless, 502] });
  };
  const tellsNothing = (answer: ReceivedAnswer): void => {
    expect(answer.text).not.toContain('hush: ');
    expect(answer.text).not.toContain('@hush:test');
  };
  /** What there is to see and change of the hidden room. */
  const hiddenRoom = async (): Promise<Json> => {
    const params = { roomId: hidden };
    const { chunk } = await alice.call('getRoomEvents', { params, query: { dir: 'f', limit: 100 } });
    const { joined } = await alice.call('getJoinedMembersByRoom', { params });
    const { visibility } = await alice.call('getRoomVisibilityOnDirectory', { params });
    const { rooms } = await alice.sync();
    return [
      chunk.map(({ unsigned: _unsigned, ...event }: Json) => event),
      joined,
      visibility,
      rooms.join[hidden].ephemeral,
    ];
  };

  describe('to who is not in it, a room looks as if it were not there', () => {
    it.each(roomEndpoints)('%s', async (_id, endpoint) => {
      const before = await hiddenRoom();
      const answer = await call(eve, endpoint, hidden, hiddenEvents[0]!);
      tellsNothing(answer);
      expect(await hiddenRoom()).toEqual(before);
      const other = await call(eve, endpoint, '!none:test', '$none');
      // Who asks to be let in learns whether there is a door; what the directory says of a room is for everybody.
      const mayTell = ['joinRoom', 'joinRoomById', 'knockRoom', 'leaveRoom', 'getRoomVisibilityOnDirectory'];
      if (!mayTell.includes(endpoint.id))
        expect([answer.status, answer.body?.errcode]).toEqual([other.status, other.body?.errcode]);
    });
  });

  describe('an event is only to be had in its own room, by', () => {
    it.each(eventEndpoints)('%s', async (_id, endpoint) => {
      const before = await hiddenRoom();
      for (const eventId of hiddenEvents) {
        const attempts = [
          [eve, hidden],
          [eve, lobby],
          [eve, eves],
          ...(asksFor('roomId')(endpoint) ? ([[alice, lobby]] as const) : []),
        ] as const;
        for (const [client, roomId] of attempts) {
          const answer = await call(client, endpoint, roomId, eventId);
          tellsNothing(answer);
          expect(answer.status).not.toBe(200);
          const none = await call(client, endpoint, roomId, '$none');
          expect([answer.status, answer.body?.errcode]).toEqual([none.status, none.body?.errcode]);
        }
      }
      expect(await hiddenRoom()).toEqual(before);
    });

    it('the body of setReadMarker, threads of receipts', async () => {
      const before = await hiddenRoom();
      const own = await eve.sendText(lobby, 'own');
      for (const mark of ['m.fully_read', 'm.read', 'm.read.private']) {
        const answers = [];
        for (const eventId of [hiddenEvents[0], '$none']) {
          answers.push(
            await eve.send(
              'setReadMarker',
              { params: { roomId: lobby }, body: { [mark]: eventId } },
              { expect: [400, 404] },
            ),
          );
        }
        expect(answers[0]!.body).toEqual(answers[1]!.body);
      }
      const params = { roomId: lobby, receiptType: 'm.read', eventId: own };
      await eve.call('postReceipt', { params, body: { thread_id: hiddenEvents[0] } }, { expect: [400, 404] });
      expect(await hiddenRoom()).toEqual(before);
    });
  });

  describe('events that name one of another room', () => {
    it.each(['m.thread', 'm.replace', 'm.reference', 'm.annotation'])(
      'as %s are told with neither',
      async (rel_type) => {
        const before = await alice.call('getOneRoomEvent', { params: { roomId: hidden, eventId: hiddenEvents[2]! } });
        const relation = { rel_type, event_id: hiddenEvents[2], key: 'x' };
        const content = {
          msgtype: 'm.text',
          body: 'x',
          'm.relates_to': relation,
          'm.new_content': { msgtype: 'm.text', body: 'y' },
        };
        for (const client of [eve, alice]) {
          const params = { roomId: lobby, eventType: 'org.example.relation', txnId: client.nextTransaction() };
          await client.call('sendMessage', { params, body: content }, { expect: 400 });
        }
        const after = await alice.call('getOneRoomEvent', { params: { roomId: hidden, eventId: hiddenEvents[2]! } });
        expect(after.unsigned['m.relations']).toEqual(before.unsigned['m.relations']);
        const { chunk } = await alice.call('getRelatingEvents', {
          params: { roomId: hidden, eventId: hiddenEvents[2]! },
        });
        expect(chunk).toEqual([]);
        await eve.call('getRelatingEvents', { params: { roomId: lobby, eventId: hiddenEvents[2]! } }, { expect: 404 });
        const seen = [
          await eve.send('getRoomEvents', { params: { roomId: lobby }, query: { dir: 'b', limit: 20 } }),
          await eve.send('sync', { query: { timeout: 0 } }),
          await eve.send('getThreadRoots', { params: { roomId: lobby } }),
        ];
        for (const answer of seen) tellsNothing(answer);
        expect(seen[2]!.body.chunk).toEqual([]);
      },
    );

    it('to redact it, leave it as it is', async () => {
      for (const room_version of ['1', '10', '11', '12']) {
        const own = await alice.createRoom({ room_version });
        const params = { roomId: own, eventType: 'm.room.redaction', txnId: alice.nextTransaction() };
        await alice.call('sendMessage', { params, body: { redacts: hiddenEvents[0] } }, { expect: harmless });
        await alice.call(
          'redactEvent',
          { params: { roomId: own, eventId: hiddenEvents[0]!, txnId: alice.nextTransaction() }, body: {} },
          { expect: 404 },
        );
      }
      const event = await alice.call('getOneRoomEvent', { params: { roomId: hidden, eventId: hiddenEvents[0]! } });
      expect(event.content).toMatchObject({ body: 'hush: text' });
    });

    it('as a reply or a pin, tell nothing of it', async () => {
      const content = {
        msgtype: 'm.text',
        body: 'x',
        'm.relates_to': { 'm.in_reply_to': { event_id: hiddenEvents[0] } },
      };
      const eventId = await eve.sendEvent(eves, 'm.room.message', content);
      await eve.sendState(eves, 'm.room.pinned_events', { pinned: hiddenEvents });
      await eve.sendState(eves, 'm.room.tombstone', { body: 'x', replacement_room: hidden });
      await eve.sendState(eves, 'm.space.child', { via: ['test'] }, hidden);
      tellsNothing(await eve.send('getEventContext', { params: { roomId: eves, eventId } }));
      tellsNothing(await eve.send('sync', { query: { timeout: 0, full_state: true } }));
    });
  });

  it('tokens of one room open no other', async () => {
    const { end, start: begin } = await alice.call('getRoomEvents', {
      params: { roomId: hidden },
      query: { dir: 'b', limit: 2 },
    });
    for (const token of [end, begin, alice.nextBatch!]) {
      for (const dir of ['b', 'f']) {
        tellsNothing(
          await eve.send(
            'getRoomEvents',
            { params: { roomId: lobby }, query: { dir, from: token } },
            { expect: [200, 400] },
          ),
        );
        tellsNothing(
          await eve.send(
            'getRoomEvents',
            { params: { roomId: lobby }, query: { dir, to: token } },
            { expect: [200, 400] },
          ),
        );
      }
      tellsNothing(
        await eve.send('getMembersByRoom', { params: { roomId: lobby }, query: { at: token } }, { expect: [200, 400] }),
      );
      tellsNothing(await eve.send('sync', { query: { since: token, timeout: 0 } }, { expect: [200, 400] }));
    }
  });

  describe('what was before one came, and is for members only, stays unseen by', () => {
    let roomId: string;
    let unseen: string[];
    let late: TestClient;
    beforeAll(async () => {
      late = await server.client({ unrecorded: true }).registerUser('late');
      const history = { type: 'm.room.history_visibility', state_key: '', content: { history_visibility: 'joined' } };
      roomId = await alice.createRoom({ preset: 'public_chat', initial_state: [history] });
      const message = await alice.sendText(roomId, 'hush: before');
      const edit = { rel_type: 'm.replace', event_id: message };
      const edited = await alice.sendEvent(roomId, 'm.room.message', {
        msgtype: 'm.text',
        body: 'hush: edit',
        'm.new_content': { msgtype: 'm.text', body: 'hush: edit' },
        'm.relates_to': edit,
      });
      await late.joinRoom(roomId);
      unseen = [message, edited];
      await late.sync();
    });

    it.each(eventEndpoints)('%s', async (_id, endpoint) => {
      for (const eventId of unseen) {
        const answer = await call(late, endpoint, roomId, eventId);
        tellsNothing(answer);
        expect(answer.status).not.toBe(200);
      }
    });

    it.each(roomEndpoints.filter(([, { method }]) => method === 'GET'))('%s', async (_id, endpoint) => {
      const own = await late.sendText(roomId, 'own');
      tellsNothing(await call(late, endpoint, roomId, own));
    });
  });

  describe('nobody speaks for others', () => {
    it('by typing, presence, tags, account data, filters', async () => {
      const userId = alice.userId!;
      const refused = { expect: 'M_FORBIDDEN' } as const;
      await eve.call('setTyping', { params: { roomId: lobby, userId }, body: { typing: true } }, refused);
      await eve.call('setPresence', { params: { userId }, body: { presence: 'online' } }, refused);
      await eve.call('setRoomTag', { params: { userId, roomId: lobby, tag: 'u.x' }, body: {} }, refused);
      await eve.call('getRoomTags', { params: { userId, roomId: lobby } }, refused);
      await eve.call('setAccountData', { params: { userId, type: 'm.direct' }, body: {} }, refused);
      await eve.call('getAccountData', { params: { userId, type: 'm.push_rules' } }, refused);
      await eve.call(
        'setAccountDataPerRoom',
        { params: { userId, roomId: lobby, type: 'org.example' }, body: {} },
        refused,
      );
      await eve.call('defineFilter', { params: { userId }, body: {} }, refused);
      await eve.call('getFilter', { params: { userId, filterId: '0' } }, refused);
      await eve.call(
        'setProfileField',
        { params: { userId, keyName: 'displayname' }, body: { displayname: 'x' } },
        refused,
      );
      await eve.call('requestOpenIdToken', { params: { userId }, body: {} }, refused);
    });
  });
});
