import { signJson } from '@myelin/protocol';
import {
  crossSigningKeysOf,
  describeFederations,
  deviceKeysOf,
  type Json,
  oneTimeKeysOf,
  type TestClient,
  type TestServer,
} from '@myelin/testkit';
import { beforeAll, describe, expect, it } from 'vitest';

describeFederations((start) => {
  let one: TestServer;
  let two: TestServer;
  let alice: TestClient;
  let bob: TestClient;
  const aliceId = (): string => alice.userId as string;
  const bobId = (): string => bob.userId as string;

  beforeAll(async () => {
    [one, two] = (await start(2, { onDisk: true })) as [TestServer, TestServer];
    alice = await one.registerUser('alice');
    bob = await two.registerUser('bob');
  });

  const join = (client: TestClient, roomId: string, via: string) =>
    client.call('joinRoom', { params: { roomIdOrAlias: roomId }, query: { via: [via] }, body: {} });
  const sharedRoom = async (): Promise<string> => {
    const roomId = await alice.createRoom({ preset: 'public_chat' });
    await join(bob, roomId, one.serverName);
    return roomId;
  };
  const changed = (answer: Json): string[] => answer.device_lists?.changed ?? [];
  const keysOf = async (reader: TestClient, userId: string): Promise<Json> =>
    reader.call('queryKeys', { body: { device_keys: { [userId]: [] } } });

  describe('people of two servers', () => {
    it('find each other by name, alias and list', async () => {
      await bob.call('setProfileField', {
        params: { userId: bobId(), keyName: 'displayname' },
        body: { displayname: 'Bob there' },
      });
      expect(await alice.call('getUserProfile', { params: { userId: bobId() } })).toEqual({ displayname: 'Bob there' });
      const roomId = await bob.createRoom({ preset: 'public_chat', room_alias_name: 'theirs' });
      const roomAlias = `#theirs:${two.serverName}`;
      const found = await alice.call('getRoomIdByAlias', { params: { roomAlias } });
      expect(found).toEqual({ room_id: roomId, servers: [two.serverName] });
      await alice.call('getPublicRooms', { query: { server: two.serverName } }, { expect: 'M_FORBIDDEN' });
    });

    it('see who types, reads, and is there', async () => {
      const roomId = await sharedRoom();
      await bob.sync();
      await alice.sync();
      await alice.call('setTyping', { params: { roomId, userId: aliceId() }, body: { typing: true, timeout: 30_000 } });
      const ephemeral = (answer: Json): Json[] => answer.rooms?.join?.[roomId]?.ephemeral?.events ?? [];
      await bob.syncUntil((answer) =>
        ephemeral(answer).some(({ type, content }) => type === 'm.typing' && content.user_ids.includes(aliceId())),
      );
      const eventId = await bob.sendText(roomId, 'read this');
      await alice.waitForEvent(roomId, eventId);
      await alice.call('postReceipt', { params: { roomId, receiptType: 'm.read', eventId }, body: {} });
      await bob.syncUntil((answer) =>
        ephemeral(answer).some(({ content }) => content[eventId]?.['m.read']?.[aliceId()] !== undefined),
      );
      await alice.call('setPresence', {
        params: { userId: aliceId() },
        body: { presence: 'online', status_msg: 'over there' },
      });
      await bob.syncUntil((answer) =>
        answer.presence?.events.some(
          (event: Json) => event.sender === aliceId() && event.content.status_msg === 'over there',
        ),
      );
    });

    it('are told of each other when they come together, and know their devices', async () => {
      const carol = await one.registerUser('carol');
      const dave = await two.registerUser('dave');
      const roomId = await carol.createRoom({ preset: 'public_chat' });
      await dave.call('uploadKeys', {
        body: { device_keys: deviceKeysOf(dave), one_time_keys: oneTimeKeysOf(dave, ['A']) },
      });
      await carol.sync();
      await dave.sync();
      await join(dave, roomId, one.serverName);
      const [carolId, daveId] = [carol.userId as string, dave.userId as string];
      expect(changed(await carol.syncUntil((answer) => changed(answer).includes(daveId)))).toEqual([daveId]);
      await dave.syncUntil((answer) => changed(answer).includes(carolId));
      expect(Object.keys((await keysOf(carol, daveId)).device_keys[daveId])).toEqual([dave.deviceId]);
      const claim = { one_time_keys: { [daveId]: { [dave.deviceId as string]: 'signed_curve25519' } } };
      const claimed = await carol.call('claimKeys', { body: claim });
      expect(claimed).toEqual({
        one_time_keys: { [daveId]: { [dave.deviceId as string]: oneTimeKeysOf(dave, ['A']) } },
        failures: {},
      });
      expect((await carol.call('claimKeys', { body: claim })).one_time_keys).toEqual({});

      const phone = await two.client().login('dave');
      await phone.call('uploadKeys', { body: { device_keys: deviceKeysOf(phone) } });
      await carol.syncUntil((answer) => changed(answer).includes(daveId));
      const devices = async (): Promise<string[]> =>
        Object.keys((await keysOf(carol, daveId)).device_keys[daveId]).toSorted();
      await expect.poll(devices).toEqual([dave.deviceId, phone.deviceId].toSorted());

      const signing = crossSigningKeysOf(dave).body;
      await dave.call('uploadCrossSigningKeys', { body: signing });
      await carol.syncUntil((answer) => changed(answer).includes(daveId));
      await expect
        .poll(async () => (await keysOf(carol, daveId)).master_keys)
        .toEqual({ [daveId]: signing.master_key });
      expect((await keysOf(carol, daveId)).self_signing_keys).toEqual({ [daveId]: signing.self_signing_key });

      await phone.call('logout');
      await carol.syncUntil((answer) => changed(answer).includes(daveId));
      await expect.poll(devices).toEqual([dave.deviceId]);

      await dave.call('leaveRoom', { params: { roomId } });
      await carol.syncUntil((answer) => answer.device_lists?.left.includes(daveId));
    });

    it('sign the keys of each other', async () => {
      const [erin, frank] = [await one.registerUser('erin'), await two.registerUser('frank')];
      const roomId = await erin.createRoom({ preset: 'public_chat' });
      await join(frank, roomId, one.serverName);
      const [own, theirs] = [crossSigningKeysOf(erin), crossSigningKeysOf(frank)];
      await erin.call('uploadCrossSigningKeys', { body: own.body });
      await frank.call('uploadCrossSigningKeys', { body: theirs.body });
      const frankId = frank.userId as string;
      const { master_keys: masters } = await keysOf(erin, frankId);
      expect(masters[frankId]).toEqual(theirs.body.master_key);
      const signed = signJson(theirs.body.master_key, erin.userId as string, own.userSigning);
      const keyId = theirs.master.publicKey;
      const answer = await erin.call('uploadCrossSigningSignatures', { body: { [frankId]: { [keyId]: signed } } });
      expect(answer.failures).toEqual({});
      expect((await keysOf(erin, frankId)).master_keys[frankId]).toEqual(signed);
      // Whom one trusts is nobody else's business.
      expect((await keysOf(frank, frankId)).master_keys[frankId]).toEqual(theirs.body.master_key);
    });
  });

  describe('messages to devices and changes of devices', () => {
    it('arrive when the server of the other is there again, and when both were started again', async () => {
      const roomId = await sharedRoom();
      await bob.sync();
      expect(roomId).toBeDefined();
      await keysOf(bob, aliceId());
      const send = (n: number): Promise<Json> =>
        alice.call('sendToDevice', {
          params: { eventType: 'm.test', txnId: `n${n}` },
          body: { messages: { [bobId()]: { [bob.deviceId as string]: { n } } } },
        });
      let laptop: TestClient | undefined;
      await two.restart({}, async () => {
        await send(1);
        laptop = await one.client().login('alice');
        await laptop.call('uploadKeys', { body: { device_keys: deviceKeysOf(laptop) } });
        await one.restart();
        await send(2);
      });
      const found: Json[] = [];
      let isTold = false;
      await bob.syncUntil(
        (answer) => {
          found.push(...(answer.to_device?.events ?? []));
          isTold ||= changed(answer).includes(aliceId());
          return found.length >= 2 && isTold;
        },
        { within: 20_000 },
      );
      expect(found.map(({ sender, content }) => [sender, content.n])).toEqual([
        [aliceId(), 1],
        [aliceId(), 2],
      ]);
      await expect
        .poll(async () => Object.keys((await keysOf(bob, aliceId())).device_keys[aliceId()]))
        .toContain(laptop?.deviceId);
    });

    it('are counted: questions, events, what passes by', async () => {
      const metrics = async ({ baseUrl }: TestServer): Promise<string> =>
        (await fetch(`${baseUrl}/_synapse/metrics`)).text();
      await alice.call('getUserProfile', { params: { userId: bobId() } });
      const roomId = await sharedRoom();
      await alice.sendText(roomId, 'one more');
      await bob.syncUntil((answer) => JSON.stringify(answer.rooms?.join?.[roomId] ?? {}).includes('one more'));
      await keysOf(alice, bobId());
      const [sent, received] = [await metrics(one), await metrics(two)];
      const prefix = 'synapse_federation';
      expect(sent).toMatch(new RegExp(`^${prefix}_client_sent_queries_total{type="profile".*} [1-9]`, 'm'));
      expect(sent).toMatch(new RegExp(`^${prefix}_client_sent_queries_total{type="user_devices".*} [1-9]`, 'm'));
      expect(received).toMatch(new RegExp(`^${prefix}_server_received_queries_total{type="profile".*} [1-9]`, 'm'));
      for (const name of ['received_pdus_total', 'pdu_process_time_count'])
        expect(received).toMatch(new RegExp(`^${prefix}_server_${name}{.*} [1-9]`, 'm'));
      expect(received).toContain(`${prefix}_server_received_edus_total`);
      expect(received).toContain('synapse_handler_presence_federation_presence_total');
      expect(received).toContain(`${prefix}_soft_failed_events_total`);
      expect(received).toContain(`${prefix}_backfill_processing_before_time_seconds`);
    });
  });
});
