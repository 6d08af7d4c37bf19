import { defaultPassword, describeServers, shiftableRuntime, timelineOf, type TestClient } from '@myelin/testkit';
import { describe, expect, it } from 'vitest';
import { readEverything } from './testing/read-everything.ts';

const hour = 3_600_000;
const year = 365 * 24 * hour;
/** A battery that died, a wrong time zone, a server of the time service that is broken. */
const jumps = [-hour, 2 * hour, 30 * year, -60 * year, 29 * year];

describeServers((start) => {
  describe('when the clock jumps', () => {
    it('sessions go on, and messages come once and in order', async () => {
      const runtime = shiftableRuntime();
      const server = await start({ runtime, onDisk: true });
      const [alice, bob] = (await Promise.all(['alice', 'bob'].map((name) => server.registerUser(name)))) as [
        TestClient,
        TestClient,
      ];
      const roomId = await alice.createRoom({ preset: 'public_chat' });
      await bob.joinRoom(roomId);
      await bob.sync();
      const sent: string[] = [];
      const seen: string[] = [];
      for (const jump of jumps) {
        runtime.jump(jump);
        const waiting = bob.syncUntil((answer) => timelineOf(answer, roomId).length > 0);
        sent.push(await alice.sendText(roomId, `after ${jump}`));
        seen.push(...timelineOf(await waiting, roomId).map((event) => event.event_id));
        const event = await bob.call('getOneRoomEvent', { params: { roomId, eventId: sent.at(-1)! } });
        expect(Math.abs(event.origin_server_ts - runtime.clock.now())).toBeLessThan(60_000);
        expect(event.unsigned.age).toBeGreaterThanOrEqual(0);
      }
      expect(seen).toEqual(sent);
      await readEverything(bob, roomId, sent);
      const { chunk } = await bob.call('getRoomEvents', { params: { roomId }, query: { dir: 'b', limit: 100 } });
      const messages = chunk.filter((event: { type: string }) => event.type === 'm.room.message');
      expect(messages.map((event: { event_id: string }) => event.event_id)).toEqual(sent.toReversed());

      // Set back while the server is down: what is new comes after what was, all the same.
      await server.restart({}, async () => runtime.jump(-10 * year));
      const waiting = bob.syncUntil((answer) => timelineOf(answer, roomId).length > 0);
      const last = await alice.sendText(roomId, 'after the restart');
      expect(timelineOf(await waiting, roomId).map((event) => event.event_id)).toEqual([last]);
    });

    it('what a device sends twice is one message, receipts and markers stand', async () => {
      const runtime = shiftableRuntime();
      const server = await start({ runtime });
      const alice = await server.registerUser('alice');
      const roomId = await alice.createRoom();
      const first = await alice.sendEvent(roomId, 'org.example.once', {}, 'same');
      runtime.jump(-20 * year);
      expect(await alice.sendEvent(roomId, 'org.example.once', {}, 'same')).toBe(first);
      const second = await alice.sendText(roomId, 'second');
      await alice.call('postReceipt', { params: { roomId, receiptType: 'm.read', eventId: second }, body: {} });
      runtime.jump(20 * year);
      await alice.call('setReadMarker', { params: { roomId }, body: { 'm.fully_read': second, 'm.read': second } });
      await alice.call('sendToDevice', {
        params: { eventType: 'org.example', txnId: '1' },
        body: { messages: { [alice.userId!]: { '*': {} } } },
      });
      const answer = await alice.sync();
      expect(answer.to_device.events).toHaveLength(1);
      for (const dir of ['f', 'b']) {
        const { event_id } = await alice.call('getEventByTimestamp', {
          params: { roomId },
          query: { ts: runtime.clock.now() - 10 * year, dir },
        });
        expect(event_id).toMatch(/^\$/);
      }
    });

    it('limits neither open nor close', async () => {
      const runtime = shiftableRuntime();
      const limit = { per_second: 0.1, burst_count: 2 };
      const wide = { per_second: 1_000, burst_count: 1_000 };
      const server = await start({
        runtime,
        config: { rc_message: limit, rc_login: { failed_attempts: limit, address: wide, account: wide } },
      });
      const alice = await server.registerUser('alice');
      const roomId = await alice.createRoom();
      const send = (txnId: string) =>
        alice.send(
          'sendMessage',
          { params: { roomId, eventType: 'org.example', txnId }, body: {} },
          { expect: [200, 429] },
        );
      const wrong = () => {
        const body = { type: 'm.login.password', identifier: { type: 'm.id.user', user: 'alice' }, password: 'wrong' };
        return alice.send('login', { body, token: null }, { expect: [403, 429] });
      };
      for (const n of ['1', '2']) expect((await send(n)).status).toBe(200);
      for (let n = 0; n < 2; n += 1) expect((await wrong()).status).toBe(403);
      for (const [n, jump] of jumps.entries()) {
        runtime.jump(jump);
        expect((await send(`jump${n}`)).status).toBe(429);
        expect((await wrong()).status).toBe(429);
      }
      runtime.forward(10_500);
      expect((await send('later')).status).toBe(200);
      expect((await wrong()).status).toBe(403);
    });

    it('tokens that end, end by the clock, and nobody is shut out for good', async () => {
      const runtime = shiftableRuntime();
      const config = { refreshable_access_token_lifetime: '5m', allow_guest_access: true };
      const server = await start({ runtime, config });
      await server.registerUser('alice');
      const login = async () => {
        const body = {
          type: 'm.login.password',
          identifier: { type: 'm.id.user', user: 'alice' },
          password: defaultPassword('alice'),
          refresh_token: true,
        };
        return server.client().call('login', { body, token: null });
      };
      const whoami = (token: string) => server.client().send('getTokenOwner', { token }, { expect: [200, 401] });
      let tokens = await login();
      runtime.jump(-year);
      expect((await whoami(tokens.access_token)).status).toBe(200);
      runtime.jump(2 * year);
      const refused = await whoami(tokens.access_token);
      expect(refused).toMatchObject({ status: 401, body: { soft_logout: true } });
      tokens = await server.client().call('refresh', { body: { refresh_token: tokens.refresh_token } });
      expect((await whoami(tokens.access_token)).status).toBe(200);
      runtime.jump(-year);
      expect((await whoami((await login()).access_token)).status).toBe(200);
      // What is half done is finished, or begun anew; it doesn't fail.
      const body = { username: 'bob', password: 'x' };
      const { session } = await server.client().call('register', { body }, { expect: 401 });
      runtime.jump(-year);
      await server.client().call('register', { body: { ...body, auth: { type: 'm.login.dummy', session } } });
      runtime.jump(3 * year);
      await server.registerUser('carol');
      await server.client().registerGuest();
    });
  });
});
