import { signEvent, SigningKey, type JsonObject, type Pdu } from '@myelin/protocol';
import { describeFederations, type Json } from '@myelin/testkit';
import { describe, expect, it } from 'vitest';
import { HostileWorld, on } from './testing/hostile-world.ts';
import { PeerRoom } from './testing/peer-room.ts';

describeFederations((start) => {
  const world = new HostileWorld(start);
  const isIn = async (): Promise<boolean> => (await world.bob.sync()).rooms.join[world.room.roomId] !== undefined;
  const ban = 'm.room.member';

  it('a server that does all as it should lets us in', async () => {
    expect(await world.join()).toEqual({ room_id: world.room.roomId });
    expect(await isIn()).toBe(true);
    const [sent] = world.sentTo('/send_join/');
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
      world.instead(on('/make_join/', ({ url }) => world.room.template(userOf(url), 'join', changes, content)));
      await world.join({ expect: 502 });
      expect(world.sentTo('/send_join/')).toEqual([]);
      expect(await isIn()).toBe(false);
    });

    it('for an unknown room version is not signed', async () => {
      world.instead(
        on('/make_join/', ({ url }) => ({
          body: { ...body(world.room.template(userOf(url), 'join')), room_version: '99' },
        })),
      );
      await world.join({ expect: 502 });
      expect(world.sentTo('/send_join/')).toEqual([]);
    });

    it('adds nothing to the content', async () => {
      const more = { displayname: 'Fool', third_party_invite: { signed: {} }, is_direct: true };
      world.instead(
        on('/make_join/', ({ url }) => world.room.template(userOf(url), 'join', { redacts: '$x', unsigned: {} }, more)),
      );
      await world.join();
      const event = JSON.parse(world.sentTo('/send_join/')[0] as string) as JsonObject;
      expect(event['content']).toEqual({ membership: 'join', displayname: 'bob' });
      expect(event).not.toHaveProperty('redacts');
    });

    it('for a knock is looked at as well', async () => {
      world.instead((request) => {
        if (request.url.includes('/make_knock/')) return world.room.template(userOf(request.url), 'join');
        return undefined;
      });
      const params = { roomIdOrAlias: world.room.roomId };
      await world.bob.call('knockRoom', { params, query: { via: [world.peer.serverName] }, body: {} }, { expect: 502 });
      expect(world.sentTo('/send_knock/')).toEqual([]);
    });
  });

  describe('an answer to a join', () => {
    const answerWith = (changes: () => JsonObject): void =>
      world.instead(
        on('/send_join/', ({ body: sent }) =>
          world.room.joinAnswer({ event: JSON.parse(sent) as JsonObject, ...changes() }),
        ),
      );
    const without = (type: string): Pdu[] =>
      [...world.room.state.values()].filter(({ pdu }) => pdu.type !== type).map(({ pdu }) => pdu);

    it.each<[string, () => JsonObject]>([
      ['without the create event', () => ({ state: without('m.room.create') })],
      ['without a state', () => ({ state: [] })],
      ['with a state that is no list', () => ({ state: { length: 3 } })],
      [
        'with the state of another room',
        () => ({ state: body(new PeerRoom(world.peer).joinAnswer())['state'] as never }),
      ],
      [
        'with two create events',
        () => ({
          state: [
            ...without(''),
            world.room.make('m.room.create', { room_version: '11' }, '', { prev_events: [], auth_events: [] }).pdu,
          ],
        }),
      ],
      [
        'where the user is banned',
        () => ({
          state: [...without(''), world.room.make(ban, { membership: 'ban' }, world.bob.userId!).pdu],
        }),
      ],
      [
        'where nobody may join',
        () => ({
          state: [
            ...without('m.room.join_rules'),
            world.room.make('m.room.join_rules', { join_rule: 'invite' }, '').pdu,
          ],
        }),
      ],
    ])('%s does not bring us into the room', async (_what, changes) => {
      answerWith(changes);
      await world.join({ expect: 502 });
      expect(await isIn()).toBe(false);
      // Nothing of it is in the way of a server that does better.
      world.peer.handler = (request) => world.room.handle(request);
      await world.join();
      expect(await isIn()).toBe(true);
    });

    it('that is no JSON, or an error, or comes too late, does not either', async () => {
      world.instead(on('/send_join/', () => ({ body: '{"state":[' })));
      await world.join({ expect: 502 });
      world.instead(on('/send_join/', () => ({ status: 500, body: {} })));
      await world.join({ expect: 502 });
      let release = (): void => undefined;
      const late = new Promise<void>((resolve) => (release = resolve));
      world.instead(
        on('/send_join/', async () => {
          await late;
          return {};
        }),
      );
      await world.join({ expect: 502 });
      release();
      expect(await isIn()).toBe(false);
    });

    it('for another version than the template does not either', async () => {
      // Two versions in which events have the same hashes and signatures: nothing else is in the way.
      const other = new PeerRoom(world.peer, '9');
      world.instead((request) => {
        if (request.url.includes('/make_join/'))
          return { body: { ...body(other.template(userOf(request.url), 'join')), room_version: '10' } };
        return other.handle(request);
      });
      const params = { roomIdOrAlias: other.roomId };
      await world.bob.call('joinRoom', { params, query: { via: [world.peer.serverName] }, body: {} }, { expect: 502 });
    });
  });

  it('single events of an answer that are wrong are left out', async () => {
    const good = world.room.add('m.room.name', { name: 'Good' }, '');
    const unsigned = { ...world.room.make('m.room.topic', { topic: 'Forged' }, '').pdu, signatures: {} };
    const stranger = world.room.make('m.room.topic', { topic: 'Of a stranger' }, '', { room_id: '!other:x.test' }).pdu;
    world.instead(
      on('/send_join/', () => {
        const answer = body(world.room.joinAnswer());
        return { body: { ...answer, state: [null, 'x', 5, [], unsigned, stranger, ...(answer['state'] as Pdu[])] } };
      }),
    );
    await world.join();
    const state = (await world.bob.call('getRoomState', { params: { roomId: world.room.roomId } })) as Json[];
    expect(state.map((event) => event.event_id)).toContain(good.eventId);
    expect(state.map((event) => event.type)).not.toContain('m.room.topic');
  });

  it('of a join only the signature is taken from what comes back', async () => {
    world.instead(
      on('/send_join/', ({ body: sent }) => {
        const event = JSON.parse(sent) as JsonObject;
        const other = { ...event, content: { membership: 'join', displayname: 'Fool' }, unsigned: { age: 5 } };
        return world.room.joinAnswer({ event: other });
      }),
    );
    await world.join();
    const params = { roomId: world.room.roomId, eventType: 'm.room.member', stateKey: world.bob.userId! };
    expect(await world.bob.call('getRoomStateWithKey', { params })).toEqual({ membership: 'join', displayname: 'bob' });
  });

  it('a restricted join is not taken without the signature of who vouches', async () => {
    world.room.add('m.room.join_rules', { join_rule: 'restricted', allow: [] }, '');
    const vouching = { join_authorised_via_users_server: world.room.owner };
    world.instead(on('/make_join/', ({ url }) => world.room.template(userOf(url), 'join', {}, vouching)));
    await world.join({ expect: 502 });
    expect(await isIn()).toBe(false);
    const forger = new SigningKey(world.peer.key.keyId, Buffer.alloc(32, 'forger'));
    for (const [key, expectation] of [
      [forger, { expect: 502 }],
      [world.peer.key, {}],
    ] as const) {
      world.instead((request) => {
        if (request.url.includes('/make_join/')) return world.room.template(userOf(request.url), 'join', {}, vouching);
        if (!request.url.includes('/send_join/')) return undefined;
        const signed = signEvent(JSON.parse(request.body) as Pdu, world.room.version, world.peer.serverName, key);
        return world.room.joinAnswer({ event: signed.event });
      });
      await world.join(expectation);
    }
    expect(await isIn()).toBe(true);
  });

  it('an answer that is too large is not read to its end', async () => {
    world.instead(on('/make_join/', () => ({ body: { event: {}, filler: 'x'.repeat(5_000_000) } })));
    await world.join({ expect: 502 });
  });
});

function userOf(url: string): string {
  return decodeURIComponent((url.split('?')[0] as string).split('/').at(-1) as string);
}

function body({ body: content }: { body?: unknown }): JsonObject {
  return content as JsonObject;
}
