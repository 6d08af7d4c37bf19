import type { JsonValue } from '@myelin/protocol';
import { systemRuntime, systemTimers, type Timers } from '@myelin/runtime';
import { ManualTime } from '@myelin/runtime/testing';
import {
  describeFederations,
  PeerRooms,
  TestPeer,
  type Json,
  type PeerAnswer,
  type TestClient,
  type TestServer,
} from '@myelin/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { on } from './testing/hostile-world.ts';
import { PeerRoom } from './testing/peer-room.ts';

/** What takes a second or more goes by this clock, all else by the real one. */
class LongTimers extends ManualTime implements Timers {
  override after(ms: number, task: () => void): ReturnType<Timers['after']> {
    return ms >= 1_000 ? super.after(ms, task) : systemTimers.after(ms, task);
  }
  override every(ms: number, task: () => void): ReturnType<Timers['every']> {
    return systemTimers.every(ms, task);
  }
  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemTimers.sleep(ms, signal);
  }
}

/** An operation of a client, the part of the path that another server is asked by, the ms that it has, and what the client gets then. */
interface Case {
  readonly name: string;
  readonly asks: string;
  readonly within: number;
  readonly expect: number;
  readonly call: (expectation: { expect: number }) => Promise<unknown>;
  /** Whether the user is in the room before. */
  readonly joined?: boolean;
}

/** More than the real time that passes meanwhile, by which the time that is left for something is less. */
const leeway = 900;

describeFederations((start) => {
  const timers = new LongTimers();
  let server: TestServer;
  let quick: TestPeer;
  let peer: TestPeer;
  let bob: TestClient;
  let room: PeerRoom;
  beforeAll(async () => {
    const config = {
      federation: { max_short_retries: 0, max_long_retries: 0, destination_min_retry_interval: 60_000 },
    };
    [server] = (await start(1, { config, runtime: { ...systemRuntime, timers } })) as [TestServer];
    quick = await TestPeer.start({ handler: on('/query/profile', () => ({ body: { displayname: 'Quick' } })) });
    bob = await server.registerUser('bob');
  });
  afterAll(() => quick.stop());
  // Of those that failed the server remembers it: each test has its own.
  beforeEach(async () => {
    peer = await TestPeer.start();
    room = new PeerRoom(peer);
    peer.handler = (request) => room.handle(request);
  });
  afterEach(() => peer.stop());

  const somebody = (): string => `@somebody:${peer.serverName}`;
  const inRoom = (): { roomId: string } => ({ roomId: room.roomId });
  const join = (expectation: object = {}): Promise<Json> =>
    bob.call(
      'joinRoom',
      { params: { roomIdOrAlias: room.roomId }, query: { via: [peer.serverName] }, body: {} },
      expectation,
    );

  const cases: Case[] = [
    { name: 'join, the template', asks: '/make_join/', within: 30_000, expect: 502, call: join },
    { name: 'join, the event', asks: '/send_join/', within: 240_000, expect: 502, call: join },
    {
      name: 'knock',
      asks: '/make_knock/',
      within: 30_000,
      expect: 502,
      call: (expectation) =>
        bob.call(
          'knockRoom',
          { params: { roomIdOrAlias: room.roomId }, query: { via: [peer.serverName] }, body: {} },
          expectation,
        ),
    },
    {
      name: 'invite',
      asks: '/v2/invite/',
      within: 30_000,
      expect: 502,
      call: async (expectation) => {
        const roomId = await bob.createRoom();
        return bob.call('inviteUser', { params: { roomId }, body: { user_id: somebody() } }, expectation);
      },
    },
    {
      name: 'history',
      asks: '/backfill/',
      within: 15_000,
      expect: 200,
      joined: true,
      call: (expectation) =>
        bob.call('getRoomEvents', { params: inRoom(), query: { dir: 'b', limit: '20' } }, expectation),
    },
    {
      name: 'one event',
      asks: '/event/',
      within: 15_000,
      expect: 404,
      joined: true,
      call: (expectation) =>
        bob.call(
          'getOneRoomEvent',
          { params: { ...inRoom(), eventId: room.make('m.room.message', {}).eventId } },
          expectation,
        ),
    },
    {
      name: 'the event of a time',
      asks: '/timestamp_to_event/',
      within: 15_000,
      expect: 404,
      joined: true,
      call: (expectation) =>
        bob.call('getEventByTimestamp', { params: inRoom(), query: { ts: '1', dir: 'b' } }, expectation),
    },
    {
      name: 'keys of a stranger',
      asks: '/user/keys/query',
      within: 10_000,
      expect: 200,
      call: (expectation) => bob.call('queryKeys', { body: { device_keys: { [somebody()]: [] } } }, expectation),
    },
    {
      name: 'keys, as long as the client says',
      asks: '/user/keys/query',
      within: 3_000,
      expect: 200,
      call: (expectation) =>
        bob.call('queryKeys', { body: { timeout: 3_000, device_keys: { [somebody()]: [] } } }, expectation),
    },
    {
      name: 'devices of somebody in a room with the user',
      asks: '/user/devices/',
      within: 10_000,
      expect: 200,
      joined: true,
      call: (expectation) => bob.call('queryKeys', { body: { device_keys: { [room.owner]: [] } } }, expectation),
    },
    {
      name: 'one-time keys',
      asks: '/user/keys/claim',
      within: 10_000,
      expect: 200,
      call: (expectation) =>
        bob.call(
          'claimKeys',
          { body: { one_time_keys: { [somebody()]: { DEVICE: 'signed_curve25519' } } } },
          expectation,
        ),
    },
    {
      name: 'public rooms',
      asks: '/publicRooms',
      within: 20_000,
      expect: 502,
      call: (expectation) => bob.call('getPublicRooms', { query: { server: peer.serverName } }, expectation),
    },
    {
      name: 'a space',
      asks: '/hierarchy/',
      within: 10_000,
      expect: 403,
      call: (expectation) => bob.call('getSpaceHierarchy', { params: inRoom() }, expectation),
    },
    {
      name: 'an alias',
      asks: '/query/directory',
      within: 15_000,
      expect: 502,
      call: (expectation) =>
        bob.call('getRoomIdByAlias', { params: { roomAlias: `#room:${peer.serverName}` } }, expectation),
    },
    {
      name: 'a profile',
      asks: '/query/profile',
      within: 20_000,
      expect: 502,
      call: (expectation) => bob.call('getUserProfile', { params: { userId: somebody() } }, expectation),
    },
  ];

  /** An answer without an end: nothing at all, or its head and a byte now and then. */
  const endless = (bytes: boolean, begun: () => void, ended: () => void): PeerAnswer => ({
    pour(response) {
      const beat = bytes ? setInterval(() => response.write(' '), 20) : undefined;
      if (bytes) response.write(' ');
      response.on('close', () => {
        clearInterval(beat);
        ended();
      });
      begun();
    },
  });

  describe.each([
    ['is silent', false],
    ['sends a byte now and then', true],
  ])('a server that %s is waited for as long as it may be, and no longer:', (_how, bytes) => {
    it.each(cases)('$name', async ({ asks, within, expect: status, call, joined }) => {
      if (joined) await join();
      const begun = Promise.withResolvers<void>();
      const ended = Promise.withResolvers<void>();
      const answer = endless(bytes, begun.resolve, ended.resolve);
      peer.handler = (request) => (request.url.includes(asks) ? answer : room.handle(request));
      let isOver = false;
      const asked = call({ expect: status }).finally(() => (isOver = true));
      await Promise.race([begun.promise, asked]);
      timers.advance(within - leeway);
      // Others are answered meanwhile.
      const userId = `@u${asks.length}:${quick.serverName}`;
      expect(await bob.call('getUserProfile', { params: { userId } })).toEqual({ displayname: 'Quick' });
      expect(isOver).toBe(false);
      timers.advance(leeway);
      await asked;
      await ended.promise;
    });
  });

  it.each([false, true])('events between are waited for so long, other rooms meanwhile not at all', async (bytes) => {
    await join();
    room.add('m.room.message', { body: 'kept back' });
    const sent = room.add('m.room.message', { body: 'sent' });
    const begun = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    const answer = endless(bytes, begun.resolve, ended.resolve);
    peer.handler = (request) => (request.url.includes('/get_missing_events/') ? answer : room.handle(request));
    let isOver = false;
    const body = { origin: peer.serverName, origin_server_ts: 1, pdus: [sent.pdu as JsonValue] };
    const asked = peer
      .send(server.serverName, 'PUT', '/_matrix/federation/v1/send/1', { body })
      .finally(() => (isOver = true));
    await Promise.race([begun.promise, asked]);
    timers.advance(60_000 - leeway);
    const roomId = await bob.createRoom();
    await bob.sendText(roomId, 'meanwhile');
    expect(isOver).toBe(false);
    timers.advance(leeway);
    expect((await asked).status).toBe(200);
    await ended.promise;
  });

  it('beside a server that is silent another one is asked for history', async () => {
    room.add('m.room.message', { body: 'before' });
    await join();
    const history = room.events.map(({ pdu }) => pdu as JsonValue).reverse();
    const tell = on('/backfill/', () => ({ body: { pdus: history } }));
    peer.handler = async (request) => (await tell(request)) ?? room.handle(request);
    const silent = await TestPeer.start({ host: '127.0.0.1' });
    const there = new PeerRooms(silent, server);
    // Who was heard of last is asked first.
    await there.join(room.roomId, there.userId('last'));
    const begun = Promise.withResolvers<void>();
    const answer = endless(false, begun.resolve, () => undefined);
    silent.handler = on('/backfill/', () => answer);
    const asked = bob.call('getRoomEvents', { params: inRoom(), query: { dir: 'b', limit: '20' } });
    await Promise.race([begun.promise, asked]);
    timers.advance(4_000);
    expect(((await asked).chunk as Json[]).map(({ content }) => content.body)).toContain('before');
    await silent.stop();
  });

  it('who is given less time than is fair is asked again, who had it is not', async () => {
    const query = async (timeout: number): Promise<Json> => {
      const begun = Promise.withResolvers<void>();
      const answer = endless(false, begun.resolve, () => undefined);
      peer.handler = () => answer;
      const asked = bob.call('queryKeys', { body: { timeout, device_keys: { [somebody()]: [] } } });
      await Promise.race([begun.promise, asked]);
      timers.advance(timeout);
      return (await asked).failures[peer.serverName].message;
    };
    const messages = [await query(1_000), await query(10_000), await query(10_000)];
    expect(messages).toEqual(['The server did not answer', 'The server did not answer', 'Not ready for retry']);
    expect(peer.received).toHaveLength(2);
  });
});
