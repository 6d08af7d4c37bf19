import { hashAndSignEvent, signEvent, SigningKey, type JsonObject, type Pdu, type UnsignedPdu } from '@myelin/protocol';
import {
  describeFederations,
  TestPeer,
  type Json,
  type PeerHandler,
  type TestClient,
  type TestServer,
} from '@myelin/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PeerRoom } from './testing/peer-room.ts';

describeFederations((start) => {
  let server: TestServer;
  let peer: TestPeer;
  let bob: TestClient;
  let room: PeerRoom;
  beforeAll(async () => {
    [server] = (await start(1, { config: { federation: { client_timeout: 2_000, max_short_retries: 0 } } })) as [
      TestServer,
    ];
    peer = await TestPeer.start();
    bob = await server.registerUser('bob');
  });
  afterAll(() => peer.stop());
  beforeEach(() => {
    room = new PeerRoom(peer);
    peer.received.length = 0;
    peer.handler = (request) => room.handle(request);
  });

  /** Answers some requests in another way. */
  function instead(handler: PeerHandler): void {
    peer.handler = async (request) => (await handler(request)) ?? room.handle(request);
  }
  const on =
    (part: string, answer: PeerHandler): PeerHandler =>
    (request) =>
      request.url.includes(part) ? answer(request) : undefined;
  const join = (expectation = {}): Promise<Json> =>
    bob.call(
      'joinRoom',
      { params: { roomIdOrAlias: room.roomId }, query: { via: [peer.serverName] }, body: {} },
      expectation,
    );
  const sentTo = (part: string): string[] =>
    peer.received.filter(({ url }) => url.includes(part)).map(({ body }) => body);
  const isIn = async (): Promise<boolean> => (await bob.sync()).rooms.join[room.roomId] !== undefined;
  const ban = 'm.room.member';

  it('a server that does all as it should lets us in', async () => {
    expect(await join()).toEqual({ room_id: room.roomId });
    expect(await isIn()).toBe(true);
    const [sent] = sentTo('/send_join/');
    const event = JSON.parse(sent as string) as JsonObject;
    expect(Object.keys(event).sort()).toEqual(
      'auth_events content depth hashes origin_server_ts prev_events room_id sender signatures state_key type'.split(
        ' ',
      ),
    );
  });

  describe('a template', () => {
    it.each<[string, JsonObject, JsonObject]>([
      ['another type', { type: 'm.room.power_levels', state_key: '' }, {}],
      ['another room', { room_id: '!other:somewhere.test' }, {}],
      ['another sender', { sender: '@admin:somewhere.test' }, {}],
      ['another user', { state_key: '@admin:somewhere.test' }, {}],
      ['another membership', {}, { membership: 'ban' }],
      ['no membership', {}, { membership: null }],
      ['somebody of ours who vouches', {}, { join_authorised_via_users_server: '@bob:here.test' }],
      ['no events before it', { prev_events: [] }, {}],
      ['too many events before it', { prev_events: Array.from({ length: 500 }, () => `$${'a'.repeat(43)}`) }, {}],
      ['a depth without bounds', { depth: 2 ** 70 }, {}],
      ['auth events that are none', { auth_events: [[], {}, null, '$'] }, {}],
    ])('for %s is not signed', async (_what, changes, content) => {
      instead(on('/make_join/', ({ url }) => room.template(userOf(url), 'join', changes, content)));
      await join({ expect: 502 });
      expect(sentTo('/send_join/')).toEqual([]);
      expect(await isIn()).toBe(false);
    });

    it('for an unknown room version is not signed', async () => {
      instead(
        on('/make_join/', ({ url }) => ({ body: { ...body(room.template(userOf(url), 'join')), room_version: '99' } })),
      );
      await join({ expect: 502 });
      expect(sentTo('/send_join/')).toEqual([]);
    });

    it('adds nothing to the content', async () => {
      const more = { displayname: 'Fool', third_party_invite: { signed: {} }, is_direct: true };
      instead(
        on('/make_join/', ({ url }) => room.template(userOf(url), 'join', { redacts: '$x', unsigned: {} }, more)),
      );
      await join();
      const event = JSON.parse(sentTo('/send_join/')[0] as string) as JsonObject;
      expect(event['content']).toEqual({ membership: 'join', displayname: 'bob' });
      expect(event).not.toHaveProperty('redacts');
    });

    it('for a knock is looked at as well', async () => {
      instead((request) => {
        if (request.url.includes('/make_knock/')) return room.template(userOf(request.url), 'join');
        return undefined;
      });
      const params = { roomIdOrAlias: room.roomId };
      await bob.call('knockRoom', { params, query: { via: [peer.serverName] }, body: {} }, { expect: 502 });
      expect(sentTo('/send_knock/')).toEqual([]);
    });
  });

  describe('an answer to a join', () => {
    const answerWith = (changes: () => JsonObject): void =>
      instead(
        on('/send_join/', ({ body: sent }) => room.joinAnswer({ event: JSON.parse(sent) as JsonObject, ...changes() })),
      );
    const without = (type: string): Pdu[] =>
      [...room.state.values()].filter(({ pdu }) => pdu.type !== type).map(({ pdu }) => pdu);

    it.each<[string, () => JsonObject]>([
      ['without the create event', () => ({ state: without('m.room.create') })],
      ['without a state', () => ({ state: [] })],
      ['with a state that is no list', () => ({ state: { length: 3 } })],
      ['with the state of another room', () => ({ state: body(new PeerRoom(peer).joinAnswer())['state'] as never })],
      [
        'with two create events',
        () => ({
          state: [
            ...without(''),
            room.make('m.room.create', { room_version: '11' }, '', { prev_events: [], auth_events: [] }).pdu,
          ],
        }),
      ],
      [
        'where the user is banned',
        () => ({
          state: [...without(''), room.make(ban, { membership: 'ban' }, bob.userId!).pdu],
        }),
      ],
      [
        'where nobody may join',
        () => ({
          state: [...without('m.room.join_rules'), room.make('m.room.join_rules', { join_rule: 'invite' }, '').pdu],
        }),
      ],
    ])('%s does not bring us into the room', async (_what, changes) => {
      answerWith(changes);
      await join({ expect: 502 });
      expect(await isIn()).toBe(false);
      // Nothing of it is in the way of a server that does better.
      peer.handler = (request) => room.handle(request);
      await join();
      expect(await isIn()).toBe(true);
    });

    it('that is no JSON, or an error, or comes too late, does not either', async () => {
      instead(on('/send_join/', () => ({ body: '{"state":[' })));
      await join({ expect: 502 });
      instead(on('/send_join/', () => ({ status: 500, body: {} })));
      await join({ expect: 502 });
      let release = (): void => undefined;
      const late = new Promise<void>((resolve) => (release = resolve));
      instead(
        on('/send_join/', async () => {
          await late;
          return {};
        }),
      );
      await join({ expect: 502 });
      release();
      expect(await isIn()).toBe(false);
    });

    it('for another version than the template does not either', async () => {
      const other = new PeerRoom(peer, '10');
      instead((request) => {
        if (request.url.includes('/make_join/'))
          return { body: { ...body(other.template(userOf(request.url), 'join')), room_version: '11' } };
        return other.handle(request);
      });
      const params = { roomIdOrAlias: other.roomId };
      await bob.call('joinRoom', { params, query: { via: [peer.serverName] }, body: {} }, { expect: 502 });
    });
  });

  it('single events of an answer that are wrong are left out', async () => {
    const good = room.add('m.room.name', { name: 'Good' }, '');
    const unsigned = { ...room.make('m.room.topic', { topic: 'Forged' }, '').pdu, signatures: {} };
    const stranger = room.make('m.room.topic', { topic: 'Of a stranger' }, '', { room_id: '!other:x.test' }).pdu;
    instead(
      on('/send_join/', () => {
        const answer = body(room.joinAnswer());
        return { body: { ...answer, state: [null, 'x', 5, [], unsigned, stranger, ...(answer['state'] as Pdu[])] } };
      }),
    );
    await join();
    const state = (await bob.call('getRoomState', { params: { roomId: room.roomId } })) as Json[];
    expect(state.map((event) => event.event_id)).toContain(good.eventId);
    expect(state.map((event) => event.type)).not.toContain('m.room.topic');
  });

  it('of a join only the signature is taken from what comes back', async () => {
    instead(
      on('/send_join/', ({ body: sent }) => {
        const event = JSON.parse(sent) as JsonObject;
        const other = { ...event, content: { membership: 'join', displayname: 'Fool' }, unsigned: { age: 5 } };
        return room.joinAnswer({ event: other });
      }),
    );
    await join();
    const params = { roomId: room.roomId, eventType: 'm.room.member', stateKey: bob.userId! };
    expect(await bob.call('getRoomStateWithKey', { params })).toEqual({ membership: 'join', displayname: 'bob' });
  });

  it('a restricted join is not taken without the signature of who vouches', async () => {
    room.add('m.room.join_rules', { join_rule: 'restricted', allow: [] }, '');
    const vouching = { join_authorised_via_users_server: room.owner };
    instead(on('/make_join/', ({ url }) => room.template(userOf(url), 'join', {}, vouching)));
    await join({ expect: 502 });
    expect(await isIn()).toBe(false);
    const forger = new SigningKey(peer.key.keyId, Buffer.alloc(32, 'forger'));
    for (const [key, expectation] of [
      [forger, { expect: 502 }],
      [peer.key, {}],
    ] as const) {
      instead((request) => {
        if (request.url.includes('/make_join/')) return room.template(userOf(request.url), 'join', {}, vouching);
        if (!request.url.includes('/send_join/')) return undefined;
        const signed = signEvent(JSON.parse(request.body) as Pdu, room.version, peer.serverName, key);
        return room.joinAnswer({ event: signed.event });
      });
      await join(expectation);
    }
    expect(await isIn()).toBe(true);
  });

  it('an answer that is too large is not read to its end', async () => {
    instead(on('/make_join/', () => ({ body: { event: {}, filler: 'x'.repeat(5_000_000) } })));
    await join({ expect: 502 });
  });

  describe('an invite', () => {
    const target = (): string => `@carol:${peer.serverName}`;
    const invite = (roomId: string, expectation: object): Promise<Json> =>
      bob.call('inviteUser', { params: { roomId }, body: { user_id: target() } }, expectation);
    const asked = (request: { body: string }): JsonObject => JSON.parse(request.body) as JsonObject;
    const signed = (event: JsonObject, key = peer.key): JsonObject =>
      signEvent(event as unknown as Pdu, room.version, peer.serverName, key).event;

    it.each<[string, (event: JsonObject) => unknown]>([
      ['is not signed', (event) => ({ event })],
      [
        'is signed by a key that is not the server’s',
        (event) => ({ event: signed(event, new SigningKey(peer.key.keyId, Buffer.alloc(32, 'x'))) }),
      ],
      [
        'is another event, well signed',
        (event) => ({
          event: hashAndSignEvent(
            { ...event, content: { membership: 'join' } } as unknown as UnsignedPdu,
            room.version,
            peer.serverName,
            peer.key,
          ).event,
        }),
      ],
      ['is none', () => ({ event: null })],
      ['is nothing', () => ({})],
    ])('that %s is not one', async (_what, answer) => {
      const roomId = await bob.createRoom({ room_version: '11' });
      instead(on('/v2/invite/', (request) => ({ body: answer(asked(request)['event'] as JsonObject) })));
      await invite(roomId, { expect: 502 });
      const params = { roomId, eventType: 'm.room.member', stateKey: target() };
      await bob.call('getRoomStateWithKey', { params }, { expect: 404 });
    });

    it('has only the signature of what comes back', async () => {
      const roomId = await bob.createRoom({ room_version: '11' });
      instead(
        on('/v2/invite/', (request) => ({
          body: { event: { ...signed(asked(request)['event'] as JsonObject), unsigned: { x: 1 }, extra: true } },
        })),
      );
      await invite(roomId, {});
      const params = { roomId, eventType: 'm.room.member', stateKey: target() };
      expect(await bob.call('getRoomStateWithKey', { params })).toEqual({ membership: 'invite' });
    });

    it('goes by the older endpoint to servers that know no other, in the rooms that it is for', async () => {
      instead((request) => {
        if (request.url.includes('/v2/invite/')) return { status: 404, body: { errcode: 'M_UNRECOGNIZED', error: '' } };
        if (!request.url.includes('/v1/invite/')) return undefined;
        const { unsigned, ...event } = asked(request);
        expect((unsigned as JsonObject)['invite_room_state']).not.toEqual([]);
        const version = new PeerRoom(peer, '1').version;
        return { body: [200, { event: signEvent(event as Pdu, version, peer.serverName, peer.key).event }] };
      });
      await invite(await bob.createRoom({ room_version: '1' }), {});
      await invite(await bob.createRoom({ room_version: '11' }), { expect: 'M_UNSUPPORTED_ROOM_VERSION' });
    });
  });

  it.each<[string, unknown]>([
    ['no room id', { room_id: 'nonsense', servers: [] }],
    ['no servers', { room_id: '!a:b.test' }],
    ['a list', []],
    ['servers that are none', { room_id: '!a:b.test', servers: [1, null] }],
  ])('an alias whose server answers with %s leads nowhere', async (_what, answer) => {
    instead(on('/query/directory', () => ({ body: answer })));
    await bob.call('getRoomIdByAlias', { params: { roomAlias: `#x:${peer.serverName}` } }, { expect: 502 });
  });

  it('of the servers that an alias’s server names, only names are taken, and not too many', async () => {
    const servers = ['not a name!', '', ...Array.from({ length: 5_000 }, (_, i) => `s${i}.test`)];
    instead(on('/query/directory', () => ({ body: { room_id: '!a:b.test', servers } })));
    const found = await bob.call('getRoomIdByAlias', { params: { roomAlias: `#x:${peer.serverName}` } });
    expect(found.servers[0]).toBe('s0.test');
    expect(found.servers.length).toBeLessThanOrEqual(500);
  });
});

function userOf(url: string): string {
  return decodeURIComponent((url.split('?')[0] as string).split('/').at(-1) as string);
}

function body({ body: content }: { body?: unknown }): JsonObject {
  return content as JsonObject;
}
