import { describeServers, shiftableRuntime, type TestClient, type TestServer } from '@myelin/testkit';
import { beforeAll, describe, expect, test } from 'vitest';

describeServers((start) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await start();
  });

  let users = 0;
  const newUser = (): Promise<TestClient> => server.registerUser(`mail${++users}`);
  let transactions = 0;

  function send(
    client: TestClient,
    messages: unknown,
    expectation: object = {},
    eventType = 'm.test',
    txnId = `x${++transactions}`,
  ) {
    return client.call('sendToDevice', { params: { eventType, txnId }, body: { messages } }, expectation);
  }

  const to = (client: TestClient, content: object): object => ({ [client.userId!]: { [client.deviceId!]: content } });

  /** What a sync brings; confirms what the one before has brought. */
  async function received(client: TestClient): Promise<unknown[]> {
    const { to_device: toDevice } = await client.sync({ since: client.nextBatch });
    return toDevice?.events ?? [];
  }

  describe('delivery', () => {
    test('to one device, with type and sender', async () => {
      const [alice, bob] = [await newUser(), await newUser()];
      const second = await bob.login(bob.userId!);
      await send(alice, to(bob, { text: 'Grüße \u0000', list: [1, null, { deep: true }] }), {}, 'm.room.encrypted');
      expect(await received(bob)).toEqual([
        {
          type: 'm.room.encrypted',
          sender: alice.userId,
          content: { text: 'Grüße \u0000', list: [1, null, { deep: true }] },
        },
      ]);
      expect(await received(second)).toEqual([]);
    });

    test('wakes a long poll', async () => {
      const [alice, bob] = [await newUser(), await newUser()];
      await bob.sync();
      const waiting = bob.syncUntil((answer) => answer.to_device?.events.length === 1);
      await send(alice, to(bob, { now: true }));
      await waiting;
    });

    test('is repeated until the device confirms it, and then never', async () => {
      const [alice, bob] = [await newUser(), await newUser()];
      await bob.sync();
      const before = bob.nextBatch!;
      await send(alice, to(bob, { n: 1 }));
      for (let i = 0; i < 2; i++) expect((await bob.sync({ since: before })).to_device.events).toHaveLength(1);
      expect((await bob.sync()).to_device.events).toHaveLength(1);
      await send(alice, to(bob, { n: 2 }));
      expect(await received(bob)).toMatchObject([{ content: { n: 2 } }]);
      expect(await received(bob)).toEqual([]);
      expect((await bob.sync()).to_device.events).toEqual([]);
    });

    test('is in the order of sending', async () => {
      const [alice, bob] = [await newUser(), await newUser()];
      for (let n = 0; n < 5; n++) await send(alice, to(bob, { n }));
      expect(((await received(bob)) as { content: { n: number } }[]).map((event) => event.content.n)).toEqual([
        0, 1, 2, 3, 4,
      ]);
    });

    test('to all devices of a user; a device that is named gets its own', async () => {
      const [alice, bob] = [await newUser(), await newUser()];
      const second = await bob.login(bob.userId!);
      const third = await bob.login(bob.userId!);
      await send(alice, { [bob.userId!]: { '*': { for: 'all' }, [third.deviceId!]: { for: 'third' } } });
      expect(await received(bob)).toMatchObject([{ content: { for: 'all' } }]);
      expect(await received(second)).toMatchObject([{ content: { for: 'all' } }]);
      expect(await received(third)).toMatchObject([{ content: { for: 'third' } }]);
    });

    test('to oneself', async () => {
      const alice = await newUser();
      await send(alice, { [alice.userId!]: { '*': { note: 'to self' } } });
      expect(await received(alice)).toMatchObject([{ sender: alice.userId, content: { note: 'to self' } }]);
    });

    test('passes over devices and users that do not exist, or live elsewhere', async () => {
      const [alice, bob] = [await newUser(), await newUser()];
      await send(alice, {
        ...to(bob, { ok: true }),
        '@nobody:test': { '*': {} },
        nonsense: { X: {} },
        '@u:elsewhere.example': { D: {} },
      });
      await send(alice, { [bob.userId!]: { NOSUCH: { lost: true } } });
      await send(alice, {});
      expect(await received(bob)).toMatchObject([{ content: { ok: true } }]);
    });

    test('goes with the device', async () => {
      const [alice, bob] = [await newUser(), await newUser()];
      const second = await bob.login(bob.userId!, undefined, { device_id: 'AGAIN' });
      await send(alice, to(second, { lost: true }));
      await second.call('logout');
      const again = await bob.login(bob.userId!, undefined, { device_id: 'AGAIN' });
      expect(await received(again)).toEqual([]);
    });

    test('a hundred in an answer at most, none lost, none twice', async () => {
      const [alice, bob] = [await newUser(), await newUser()];
      await bob.sync();
      for (let n = 0; n < 230; n += 10)
        await Promise.all(Array.from({ length: 10 }, (_, i) => send(alice, to(bob, { n: n + i }))));
      const sizes: number[] = [];
      const seen: number[] = [];
      for (;;) {
        const events = (await received(bob)) as { content: { n: number } }[];
        if (events.length === 0) break;
        sizes.push(events.length);
        seen.push(...events.map((event) => event.content.n));
      }
      expect(sizes).toEqual([100, 100, 30]);
      expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 230 }, (_, i) => i));
    });

    test('a megabyte in an answer at most', async () => {
      const [alice, bob] = [await newUser(), await newUser()];
      for (let n = 0; n < 20; n++) await send(alice, to(bob, { n, fill: 'x'.repeat(65_000) }));
      expect(await received(bob)).toHaveLength(16);
      expect(await received(bob)).toHaveLength(4);
    });
  });

  describe('transaction ids', () => {
    test('the same request again is carried out once', async () => {
      const [alice, bob] = [await newUser(), await newUser()];
      await Promise.all(Array.from({ length: 5 }, () => send(alice, to(bob, { once: true }), {}, 'm.test', 'same')));
      expect(await received(bob)).toHaveLength(1);
      await send(alice, to(bob, { once: true }), {}, 'm.test', 'same');
      expect(await received(bob)).toEqual([]);
    });

    test('belong to a device and a type', async () => {
      const [alice, bob] = [await newUser(), await newUser()];
      const second = await alice.login(alice.userId!);
      await send(alice, to(bob, { n: 1 }), {}, 'm.test', 'same');
      await send(alice, to(bob, { n: 2 }), {}, 'm.other', 'same');
      await send(second, to(bob, { n: 3 }), {}, 'm.test', 'same');
      expect(await received(bob)).toHaveLength(3);
    });
  });

  describe('refusals', () => {
    test('of wrong shapes', async () => {
      const [alice, bob] = [await newUser(), await newUser()];
      for (const wrong of [
        null,
        [],
        'x',
        { [bob.userId!]: null },
        { [bob.userId!]: [] },
        { [bob.userId!]: { D: 'x' } },
        { [bob.userId!]: { D: null } },
      ]) {
        await send(alice, wrong, { expect: 'M_BAD_JSON' });
      }
      await alice.call(
        'sendToDevice',
        { params: { eventType: 'm.test', txnId: 'y' }, body: {} },
        { expect: 'M_MISSING_PARAM' },
      );
      await send(alice, to(bob, { text: '\ud800' }), { expect: 'M_BAD_JSON' });
      await send(alice, to(bob, {}), { expect: 'M_INVALID_PARAM' }, 'x'.repeat(256));
      await send(alice, to(bob, {}), { expect: 'M_INVALID_PARAM' }, 'm.test', 'x'.repeat(256));
      expect(await received(bob)).toEqual([]);
    });

    test('of messages that are too large, with all of their request', async () => {
      const [alice, bob] = [await newUser(), await newUser()];
      await send(
        alice,
        { ...to(bob, { small: true }), ...to(alice, { large: 'x'.repeat(65_536) }) },
        { expect: 'M_TOO_LARGE' },
      );
      expect(await received(bob)).toEqual([]);
    });

    test('a user who asks for keys too often is not heard any more', async () => {
      const own = await start({ config: { rc_key_requests: { per_second: 0.01, burst_count: 3 } } });
      const [alice, bob] = [await own.registerUser('alice'), await own.registerUser('bob')];
      for (let n = 0; n < 5; n++) await send(alice, to(bob, { n }), {}, 'm.room_key_request');
      await send(alice, to(bob, { n: 9 }));
      for (let n = 0; n < 5; n++) await send(alice, to(alice, { n }), {}, 'm.room_key_request');
      expect(await received(bob)).toHaveLength(4);
      expect(await received(alice)).toHaveLength(5);
    });
  });

  test('an id may be used again after a day', async () => {
    const runtime = shiftableRuntime();
    const own = await start({ runtime });
    const [alice, bob] = [await own.registerUser('alice'), await own.registerUser('bob')];
    await send(alice, to(bob, {}), {}, 'm.test', 'daily');
    expect(await received(bob)).toHaveLength(1);
    runtime.forward(25 * 3_600_000);
    await send(alice, to(bob, {}), {}, 'm.test', 'daily');
    expect(await received(bob)).toHaveLength(1);
  });
});
