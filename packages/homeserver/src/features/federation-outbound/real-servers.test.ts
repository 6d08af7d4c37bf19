import {
  crossSigningKeysOf,
  describeFederations,
  shiftableRuntime,
  deviceKeysOf,
  type Json,
  type TestClient,
  type TestServer,
  timelineOf,
} from '@myelin/testkit';
import { beforeAll, describe, expect, it } from 'vitest';

/** Joins a room of another server by that server. */
async function joinBy(client: TestClient, roomId: string, server: TestServer): Promise<void> {
  await client.call('joinRoom', {
    params: { roomIdOrAlias: roomId },
    query: { server_name: [server.serverName] },
    body: {},
  });
}

function ephemeral(answer: Json, roomId: string, type: string): Json {
  const events = answer.rooms?.join?.[roomId]?.ephemeral?.events ?? [];
  return events.findLast((event: Json) => event.type === type)?.content;
}

describeFederations((start) => {
  describe('between servers', () => {
    let [a, b, c]: TestServer[] = [];
    let [alice, bob, carol]: TestClient[] = [];
    let roomId: string;

    beforeAll(async () => {
      [a, b, c] = (await start(3)) as TestServer[];
      alice = await a!.registerUser('alice');
      bob = await b!.registerUser('bob');
      carol = await c!.registerUser('carol');
      roomId = await alice.createRoom({ preset: 'public_chat' });
      await joinBy(bob, roomId, a!);
    });

    it('messages go both ways', async () => {
      const first = await alice!.sendText(roomId, 'from alice');
      await bob!.waitForEvent(roomId, (event) => event.event_id === first);
      const second = await bob!.sendText(roomId, 'from bob');
      await alice!.waitForEvent(roomId, (event) => event.event_id === second);
    });

    it('who comes in by one is told to the others, and who leaves', async () => {
      await joinBy(carol!, roomId, a!);
      const isCarol = (membership: string) => (event: Json) =>
        event.state_key === carol!.userId && event.content.membership === membership;
      await bob!.waitForEvent(roomId, isCarol('join'));
      const text = await carol!.sendText(roomId, 'from carol');
      await bob!.waitForEvent(roomId, (event) => event.event_id === text);
      await alice!.waitForEvent(roomId, (event) => event.event_id === text);
      await carol!.leaveRoom(roomId);
      await bob!.waitForEvent(roomId, isCarol('leave'));
    });

    it('typing begins and ends', async () => {
      const say = (typing: boolean) =>
        alice!.call('setTyping', {
          params: { roomId, userId: alice!.userId! },
          body: typing ? { typing, timeout: 30_000 } : { typing },
        });
      await say(true);
      await bob!.syncUntil((answer) => ephemeral(answer, roomId, 'm.typing')?.user_ids.includes(alice!.userId));
      await say(false);
      await bob!.syncUntil((answer) => ephemeral(answer, roomId, 'm.typing')?.user_ids.length === 0);
    });

    it('public receipts are seen, with their threads; private ones are not', async () => {
      const root = await bob!.sendText(roomId, 'read this');
      await alice!.waitForEvent(roomId, (event) => event.event_id === root);
      const post = (receiptType: string, eventId: string, body: object) =>
        alice!.call('postReceipt', { params: { roomId, receiptType, eventId }, body });
      await post('m.read.private', root, {});
      await post('m.read', root, { thread_id: 'main' });
      const later = await bob!.sendText(roomId, 'and this');
      await alice!.waitForEvent(roomId, (event) => event.event_id === later);
      await post('m.read', later, {});
      const seen: Json = {};
      await bob!.syncUntil((answer) => {
        for (const [eventId, types] of Object.entries<Json>(ephemeral(answer, roomId, 'm.receipt') ?? {}))
          seen[eventId] = { ...seen[eventId], ...types };
        return seen[root]?.['m.read']?.[alice!.userId!] && seen[later]?.['m.read']?.[alice!.userId!];
      });
      expect(seen[root]['m.read'][alice!.userId!]).toMatchObject({ thread_id: 'main' });
      expect(seen[later]['m.read'][alice!.userId!].thread_id).toBeUndefined();
      expect(JSON.stringify(seen)).not.toContain('m.read.private');
    });

    it('presence is told to those who share a room', async () => {
      await alice!.call('setPresence', {
        params: { userId: alice!.userId! },
        body: { presence: 'unavailable', status_msg: 'in a meeting' },
      });
      await bob!.syncUntil((answer) =>
        answer.presence?.events.some(
          (event: Json) => event.sender === alice!.userId && event.content.status_msg === 'in a meeting',
        ),
      );
    });

    it('messages to devices arrive once', async () => {
      await bob!.sync();
      for (const n of [1, 2, 3]) {
        await alice!.call('sendToDevice', {
          params: { eventType: 'org.example', txnId: `${n}` },
          body: { messages: { [bob!.userId!]: { [bob!.deviceId!]: { n } } } },
        });
      }
      const seen: number[] = [];
      await bob!.syncUntil((answer) => {
        seen.push(...(answer.to_device?.events ?? []).map((event: Json) => event.content.n));
        return seen.includes(3);
      });
      expect(seen).toEqual([1, 2, 3]);
    });

    it('changes of devices and keys are told', async () => {
      const query = (): Promise<Json> => bob!.call('queryKeys', { body: { device_keys: { [alice!.userId!]: [] } } });
      await query();
      await bob!.sync();
      const changed = (): Promise<Json> =>
        bob!.syncUntil((answer) => answer.device_lists?.changed?.includes(alice!.userId));
      const phone = await a!.client().login('alice');
      await changed();
      await phone.call('uploadKeys', { body: { device_keys: deviceKeysOf(phone) as never } });
      await changed();
      expect(Object.keys((await query()).device_keys[alice!.userId!])).toEqual([phone.deviceId]);
      await alice!.call('uploadCrossSigningKeys', { body: crossSigningKeysOf(alice!).body as never });
      await changed();
      const keys = await query();
      expect(keys.master_keys[alice!.userId!].usage).toEqual(['master']);
      expect(keys.self_signing_keys[alice!.userId!].usage).toEqual(['self_signing']);
      await phone.call('logout', {});
      await changed();
      expect(Object.keys((await query()).device_keys[alice!.userId!] ?? {})).toEqual([]);
    });

    it('who is made to leave sees it', async () => {
      const other = await alice!.createRoom({ preset: 'public_chat' });
      await joinBy(carol!, other, a!);
      await carol!.sync();
      await alice!.call('kick', { params: { roomId: other }, body: { user_id: carol!.userId!, reason: 'bye' } });
      await carol!.syncUntil((answer) => answer.rooms?.leave?.[other] !== undefined);
      const invited = await alice!.createRoom({ preset: 'private_chat' });
      await alice!.invite(invited, carol!.userId!);
      await carol!.waitForInvite(invited);
      await alice!.call('kick', { params: { roomId: invited }, body: { user_id: carol!.userId! } });
      await carol!.syncUntil((answer) => answer.rooms?.leave?.[invited] !== undefined);
    });

    it('figures say what was sent', async () => {
      const text = await (await fetch(`${a!.baseUrl}/_synapse/metrics`)).text();
      const figure = (name: string): number => Number(new RegExp(`^${name}\\{[^}]*\\} (\\d+)$`, 'm').exec(text)?.[1]);
      for (const name of ['transactions', 'edus', 'pdu_destinations', 'pdu_destinations_count'])
        expect(figure(`synapse_federation_client_sent_${name}_total`)).toBeGreaterThan(0);
      expect(text).toMatch(/sent_edus_by_type_total\{[^}]*type="m.typing"[^}]*\} [1-9]/);
      expect(figure('synapse_federation_known_servers')).toBeGreaterThan(0);
      expect(figure('synapse_federation_transaction_queue_pending_pdus')).toBe(0);
      expect(figure('synapse_federation_server_number_inbound_pdu_in_staging')).toBe(0);
      for (const name of ['rate_limit_queue_wait_time_seconds', 'storage_events_forward_extremities_persisted'])
        expect(figure(`synapse_${name}_count`)).toBeGreaterThan(0);
    });
  });

  it('a server that was away is told what it has missed, though the sender restarts meanwhile', async () => {
    const [a, b] = (await start(2, { onDisk: true })) as [TestServer, TestServer];
    const alice = await a.registerUser('alice');
    const bob = await b.registerUser('bob');
    const roomId = await alice.createRoom({ preset: 'public_chat' });
    await joinBy(bob, roomId, a);
    await bob.sync();
    const sent: string[] = [];
    const seen: string[] = [];
    await b.restart({}, async () => {
      for (let i = 0; i < 3; i++) sent.push(await alice.sendText(roomId, `missed ${i}`));
      await alice.call('sendToDevice', {
        params: { eventType: 'org.example', txnId: '1' },
        body: { messages: { [bob.userId!]: { '*': { n: 1 } } } },
      });
      await a.restart();
      sent.push(await alice.sendText(roomId, 'after the restart'));
    });
    let messages = 0;
    await bob.syncUntil((answer) => {
      seen.push(...timelineOf(answer, roomId).map((event) => event.event_id));
      messages += answer.to_device?.events?.length ?? 0;
      return messages > 0 && sent.every((eventId) => seen.includes(eventId));
    });
    expect(seen.filter((eventId) => sent.includes(eventId))).toEqual(sent);
    expect(messages).toBe(1);
  });

  it('a server that comes back after a while says so: others that have given it up for hours send what it missed', async () => {
    const runtime = shiftableRuntime();
    const federation = { max_short_retries: 0, max_long_retries: 0, destination_min_retry_interval: 12 * 3_600_000 };
    // Who asks what is new would say by that that they are there.
    const config = { federation, presence: { enabled: false } };
    const [a, b] = (await start(2, { onDisk: true, runtime, config })) as [TestServer, TestServer];
    const alice = await a.registerUser('alice');
    const bob = await b.registerUser('bob');
    const roomId = await alice.createRoom({ preset: 'public_chat' });
    await joinBy(bob, roomId, a);
    await bob.sync();
    let missed = '';
    await b.restart({}, async () => {
      // What fails before it answers is a failure that counts.
      await alice.call('getUserProfile', { params: { userId: bob.userId! } }, { expect: 502 });
      missed = await alice.sendText(roomId, 'missed');
      runtime.forward(600_000);
    });
    await bob.waitForEvent(roomId, missed);
  });

  it('a server whose last user was made to leave while it was away learns of it', async () => {
    const [a, b] = (await start(2, { onDisk: true })) as [TestServer, TestServer];
    const alice = await a.registerUser('alice');
    const bob = await b.registerUser('bob');
    for (const missed of [2, 30]) {
      const roomId = await alice.createRoom({ preset: 'public_chat' });
      await joinBy(bob, roomId, a);
      await bob.sync();
      await b.restart({}, async () => {
        for (let i = 0; i < missed; i++) await alice.sendText(roomId, `missed ${i}`);
        await alice.sendState(roomId, 'm.room.topic', { topic: `missed ${missed}` });
        await alice.call('kick', { params: { roomId }, body: { user_id: bob.userId! } });
        await alice.sendText(roomId, 'among us');
      });
      // Whom it speaks to knows that it is there again.
      await bob.call('getUserProfile', { params: { userId: alice.userId! } });
      await bob.syncUntil((answer) => answer.rooms?.leave?.[roomId] !== undefined);
      const seen = (await bob.call('getRoomEvents', { params: { roomId }, query: { dir: 'b', limit: 100 } })).chunk;
      expect(seen[0].content.membership).toBe('leave');
      expect(JSON.stringify(seen)).not.toContain('among us');
      const params = { roomId, eventType: 'm.room.topic', stateKey: '' };
      expect(await bob.call('getRoomStateWithKey', { params })).toEqual({ topic: `missed ${missed}` });
    }
  });
});
