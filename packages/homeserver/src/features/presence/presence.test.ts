import { describeServers, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, it } from 'vitest';

describeServers((start, database) => {
  let server: TestServer;
  let alice: TestClient;
  let bob: TestClient;
  let roomId: string;
  beforeAll(async () => {
    server = await start();
    alice = await server.registerUser('alice');
    bob = await server.registerUser('bob');
    roomId = await alice.createRoom({ preset: 'public_chat' });
    await bob.joinRoom(roomId);
  });
  const status = (client: TestClient, of = client) => client.call('getPresence', { params: { userId: of.userId! } });
  const set = (client: TestClient, body: object) =>
    client.call('setPresence', { params: { userId: client.userId! }, body });
  const presenceOf = (answer: any, client: TestClient) =>
    answer.presence?.events.find((event: any) => event.sender === client.userId)?.content;

  describe('presence', () => {
    it('is online while one syncs, and as one says', async () => {
      await alice.sync();
      expect(await status(alice)).toEqual({
        presence: 'online',
        currently_active: true,
        last_active_ago: expect.any(Number),
      });
      await set(alice, { presence: 'unavailable', status_msg: 'in a meeting' });
      expect(await status(bob, alice)).toMatchObject({ presence: 'unavailable', status_msg: 'in a meeting' });
      await set(alice, { presence: 'online' });
      expect((await status(bob, alice)).status_msg).toBeUndefined();
    });

    it('is told to those who share a room, at once', async () => {
      await bob.sync();
      const waiting = bob.syncUntil((answer) => presenceOf(answer, alice)?.status_msg === 'news');
      await set(alice, { presence: 'online', status_msg: 'news' });
      const answer = await waiting;
      expect(answer.presence.events.find((event: any) => event.sender === alice.userId)).toEqual({
        type: 'm.presence',
        sender: alice.userId,
        content: {
          presence: 'online',
          status_msg: 'news',
          currently_active: true,
          last_active_ago: expect.any(Number),
        },
      });
      expect(presenceOf(await bob.sync({ since: answer.next_batch }), alice)).toBeUndefined();
      expect(presenceOf(await bob.sync(), alice)).toMatchObject({ presence: 'online' });
      const stranger = await server.registerUser('stranger');
      expect(presenceOf(await stranger.sync(), alice)).toBeUndefined();
    });

    it('can be set by a sync', async () => {
      await bob.sync();
      await alice.sync({ set_presence: 'unavailable' });
      await bob.syncUntil((answer) => presenceOf(answer, alice)?.presence === 'unavailable');
      await alice.sync({ set_presence: 'offline' });
      expect((await status(bob, alice)).presence).toBe('unavailable');
      await alice.sync();
      expect((await status(bob, alice)).presence).toBe('online');
    });

    it('is told of those who join, and to them', async () => {
      const carol = await server.registerUser('carol');
      await carol.sync();
      await alice.sync();
      expect((await status(carol)).presence).toBe('online');
      await carol.joinRoom(roomId);
      await alice.syncUntil((answer) => presenceOf(answer, carol) !== undefined);
      expect(presenceOf(await carol.sync({ since: carol.nextBatch! }), alice)).toBeDefined();
      expect(presenceOf(await carol.sync({ since: carol.nextBatch! }), alice)).toBeUndefined();
    });

    it('obeys the filter', async () => {
      await alice.sync();
      expect(
        (await bob.sync({ filter: { presence: { not_senders: [alice.userId] } } })).presence.events.map(
          (event: any) => event.sender,
        ),
      ).not.toContain(alice.userId);
      expect((await bob.sync({ filter: { presence: { types: [] } } })).presence.events).toEqual([]);
    });

    it('is refused to those who share no room, and of others', async () => {
      const stranger = await server.registerUser('nobody');
      await stranger.call('getPresence', { params: { userId: alice.userId! } }, { expect: 'M_FORBIDDEN' });
      await alice.call('getPresence', { params: { userId: '@none:example.org' } }, { expect: 'M_FORBIDDEN' });
      await alice.call(
        'setPresence',
        { params: { userId: bob.userId! }, body: { presence: 'offline' } },
        { expect: 'M_FORBIDDEN' },
      );
      for (const body of [
        {},
        { presence: 'asleep' },
        { presence: 'online', status_msg: 5 },
        { presence: 'online', status_msg: 'x'.repeat(5_000) },
      ]) {
        await alice.call('setPresence', { params: { userId: alice.userId! }, body }, { expect: 400 });
      }
    });

    it('comes back with a message', async () => {
      const dan = await server.registerUser('dan');
      await dan.joinRoom(roomId);
      await dan.sync({ set_presence: 'unavailable' });
      expect((await status(dan)).presence).toBe('unavailable');
      await dan.sendText(roomId, 'here');
      expect((await status(dan)).presence).toBe('online');
    });

    it('ends when nobody syncs, and is told', async () => {
      const quick = await start({
        config: { presence: { sync_online_timeout: 1, last_active_granularity: '1s', idle_timeout: '2s' } },
      });
      const [erin, frank] = [await quick.registerUser('erin'), await quick.registerUser('frank')];
      await frank.joinRoom(await erin.createRoom({ preset: 'public_chat' }));
      await erin.sync();
      await frank.sync();
      await frank.syncUntil((answer) => presenceOf(answer, erin)?.presence === 'offline');
      expect((await status(frank, erin)).presence).toBe('offline');
    });

    it('is limited', async () => {
      const slow = await start({ config: { rc_presence: { per_user: { per_second: 0.01, burst_count: 1 } } } });
      const gina = await slow.registerUser('gina');
      await gina.sync();
      await gina.sync({ set_presence: 'unavailable' });
      expect((await status(gina)).presence).toBe('online');
      await gina.call(
        'setPresence',
        { params: { userId: gina.userId! }, body: { presence: 'offline' } },
        { expect: 'M_LIMIT_EXCEEDED' },
      );
    });

    it('is not told where it is switched off', async () => {
      const silent = await start({ config: { presence: { enabled: false } } });
      const [heidi, ivan] = [await silent.registerUser('heidi'), await silent.registerUser('ivan')];
      await ivan.joinRoom(await heidi.createRoom({ preset: 'public_chat' }));
      await set(heidi, { presence: 'online', status_msg: 'x' });
      expect(await status(ivan, heidi)).toEqual({ presence: 'offline' });
      expect((await ivan.sync()).presence.events).toEqual([]);
    });

    it.skipIf(database === 'postgres')('is remembered over a restart', async () => {
      const own = await start({ onDisk: true });
      const judy = await own.registerUser('judy');
      await judy.sync();
      await set(judy, { presence: 'online', status_msg: 'kept' });
      await own.restart();
      expect(await status(judy)).toMatchObject({ presence: 'online', status_msg: 'kept' });
    });
  });
});
