import { hashAndSignEvent, signEvent, SigningKey, type JsonObject, type Pdu, type UnsignedPdu } from '@myelin/protocol';
import { describeFederations, type Json } from '@myelin/testkit';
import { describe, expect, it } from 'vitest';
import { HostileWorld, on } from './testing/hostile-world.ts';
import { PeerRoom } from './testing/peer-room.ts';

describeFederations((start) => {
  const world = new HostileWorld(start);

  describe('an invite', () => {
    const target = (): string => `@carol:${world.peer.serverName}`;
    const invite = (roomId: string, expectation: object): Promise<Json> =>
      world.bob.call('inviteUser', { params: { roomId }, body: { user_id: target() } }, expectation);
    const asked = (request: { body: string }): JsonObject => JSON.parse(request.body) as JsonObject;
    const signed = (event: JsonObject, key = world.peer.key): JsonObject =>
      signEvent(event as unknown as Pdu, world.room.version, world.peer.serverName, key).event;

    it.each<[string, (event: JsonObject) => unknown]>([
      ['is not signed', (event) => ({ event })],
      [
        'is signed by a key that is not the server’s',
        (event) => ({ event: signed(event, new SigningKey(world.peer.key.keyId, Buffer.alloc(32, 'x'))) }),
      ],
      [
        'is another event, well signed',
        (event) => ({
          event: hashAndSignEvent(
            { ...event, content: { membership: 'join' } } as unknown as UnsignedPdu,
            world.room.version,
            world.peer.serverName,
            world.peer.key,
          ).event,
        }),
      ],
      ['is none', () => ({ event: null })],
      ['is nothing', () => ({})],
    ])('that %s is not one', async (_what, answer) => {
      const roomId = await world.bob.createRoom({ room_version: '11' });
      world.instead(on('/v2/invite/', (request) => ({ body: answer(asked(request)['event'] as JsonObject) })));
      await invite(roomId, { expect: 502 });
      const params = { roomId, eventType: 'm.room.member', stateKey: target() };
      await world.bob.call('getRoomStateWithKey', { params }, { expect: 404 });
    });

    it.each<[string, (good: string) => JsonObject]>([
      ['no text', () => ({ 'ed25519:odd': 1e30 })],
      ['no end', () => ({ 'ed25519:odd': 'x'.repeat(100_000) })],
      ['half a character', (good) => ({ 'ed25519:odd': `${good}\uD800` })],
      ['no key', (good) => ({ [`ed25519:${'y'.repeat(100_000)}`]: good })],
    ])('is taken without signatures beside the good one that have %s', async (_what, more) => {
      const roomId = await world.bob.createRoom({ room_version: '11' });
      const { serverName, key } = world.peer;
      world.instead(
        on('/v2/invite/', (request) => {
          const event = signed(asked(request)['event'] as JsonObject) as JsonObject;
          const theirs = (event['signatures'] as Record<string, JsonObject>)[serverName] as Record<string, string>;
          const signatures = { [serverName]: { ...more(theirs[key.keyId] as string), ...theirs } };
          return { body: { event: { ...event, signatures } } };
        }),
      );
      await invite(roomId, {});
    });

    it('has only the signature of what comes back', async () => {
      const roomId = await world.bob.createRoom({ room_version: '11' });
      world.instead(
        on('/v2/invite/', (request) => ({
          body: { event: { ...signed(asked(request)['event'] as JsonObject), unsigned: { x: 1 }, extra: true } },
        })),
      );
      await invite(roomId, {});
      const params = { roomId, eventType: 'm.room.member', stateKey: target() };
      expect(await world.bob.call('getRoomStateWithKey', { params })).toEqual({ membership: 'invite' });
    });

    it('goes by the older endpoint to servers that know no other, in the rooms that it is for', async () => {
      world.instead((request) => {
        if (request.url.includes('/v2/invite/')) return { status: 404, body: { errcode: 'M_UNRECOGNIZED', error: '' } };
        if (!request.url.includes('/v1/invite/')) return undefined;
        const { unsigned, ...event } = asked(request);
        expect((unsigned as JsonObject)['invite_room_state']).not.toEqual([]);
        const version = new PeerRoom(world.peer, '1').version;
        return {
          body: [200, { event: signEvent(event as Pdu, version, world.peer.serverName, world.peer.key).event }],
        };
      });
      await invite(await world.bob.createRoom({ room_version: '1' }), {});
      await invite(await world.bob.createRoom({ room_version: '11' }), { expect: 'M_UNSUPPORTED_ROOM_VERSION' });
    });
  });

  it.each<[string, unknown]>([
    ['no room id', { room_id: 'nonsense', servers: [] }],
    ['no servers', { room_id: '!a:b.test' }],
    ['a list', []],
    ['servers that are none', { room_id: '!a:b.test', servers: [1, null] }],
  ])('an alias whose server answers with %s leads nowhere', async (_what, answer) => {
    world.instead(on('/query/directory', () => ({ body: answer })));
    await world.bob.call('getRoomIdByAlias', { params: { roomAlias: `#x:${world.peer.serverName}` } }, { expect: 502 });
  });

  it('of the servers that an alias’s server names, only names are taken, and not too many', async () => {
    const servers = ['not a name!', '', ...Array.from({ length: 5_000 }, (_, i) => `s${i}.test`)];
    world.instead(on('/query/directory', () => ({ body: { room_id: '!a:b.test', servers } })));
    const found = await world.bob.call('getRoomIdByAlias', { params: { roomAlias: `#x:${world.peer.serverName}` } });
    expect(found.servers[0]).toBe('s0.test');
    expect(found.servers.length).toBeLessThanOrEqual(500);
  });
});
