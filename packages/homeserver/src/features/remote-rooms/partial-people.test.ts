import { hashAndSignEvent, type JsonObject, type JsonValue, type UnsignedPdu } from '@myelin/protocol';
import {
  describeFederations,
  deviceKeysOf,
  TestPeer,
  type Json,
  type TestClient,
  type TestServer,
} from '@myelin/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PartialRoom } from './testing/partial-room.ts';

const lazily = JSON.stringify({ room: { state: { lazy_load_members: true } } });

describeFederations((start) => {
  let server: TestServer;
  let peer: TestPeer;
  let other: TestPeer;
  let alice: TestClient;
  let room: PartialRoom;
  let derek: string;
  let sent = 0;
  /** What other servers were asked of users' devices. */
  let asked: string[];
  beforeAll(async () => {
    [server] = (await start(1)) as [TestServer];
    [peer, other] = [await TestPeer.start(), await TestPeer.start()];
  });
  afterAll(async () => {
    await peer.stop();
    await other.stop();
  });
  beforeEach(async () => {
    alice = await server.registerUser(`alice${++sent}`);
    room = new PartialRoom(peer);
    room.enter(`derek${sent}`);
    derek = room.userId(`derek${sent}`);
    asked = [];
    other.received.length = 0;
    other.handler = ({ url }) => (url.includes('/send/') ? { body: { pdus: {} } } : undefined);
    peer.handler = (request) => {
      const userId = decodeURIComponent(request.url.split('/user/devices/')[1] ?? '');
      if (userId !== '') {
        asked.push(userId);
        const keys = deviceKeysOf({ userId, deviceId: 'PHONE' }) as unknown as JsonObject;
        return { body: { user_id: userId, stream_id: 1, devices: [{ device_id: 'PHONE', keys }] } };
      }
      if (request.url.includes('/user/keys/query')) {
        const [user] = Object.keys(JSON.parse(request.body).device_keys) as [string];
        asked.push(user);
        return { body: { device_keys: { [user]: {} } } };
      }
      return room.handle(request);
    };
  });

  const join = (): Promise<Json> =>
    alice.call('joinRoom', {
      params: { roomIdOrAlias: room.roomId },
      query: { via: [peer.serverName] },
      body: {},
    });
  const tell = (edu_type: string, content: JsonObject): Promise<unknown> =>
    peer.send(server.serverName, 'PUT', `/_matrix/federation/v1/send/people${++sent}`, {
      body: { origin: peer.serverName, origin_server_ts: 1, pdus: [], edus: [{ edu_type, content }] } as JsonValue,
    });
  const sync = (since?: string): Promise<Json> => alice.sync({ filter: lazily, ...(since ? { since } : {}) });
  const complete = async (): Promise<void> => {
    room.release();
    await alice.call('getJoinedMembersByRoom', { params: { roomId: room.roomId } });
  };
  const query = (userId: string): Promise<Json> => alice.call('queryKeys', { body: { device_keys: { [userId]: [] } } });
  const devicesChanged = (userId: string): Promise<unknown> =>
    tell('m.device_list_update', { user_id: userId, device_id: 'PHONE', stream_id: ++sent, prev_id: [] });
  const section = (answer: Json): Json => answer.rooms?.join?.[room.roomId];

  describe('in a room whose members are not known, users of its servers', () => {
    it('type, read, and are there', async () => {
      await join();
      const { next_batch: since } = await sync();
      await tell('m.typing', { room_id: room.roomId, user_id: derek, typing: true });
      const { eventId } = room.events[0]!;
      await tell('m.receipt', { [room.roomId]: { 'm.read': { [derek]: { event_ids: [eventId], data: { ts: 5 } } } } });
      await tell('m.presence', { push: [{ user_id: derek, presence: 'unavailable', status_msg: 'here' }] });
      const events: Json[] = [];
      await alice.syncUntil(
        (answer) => {
          events.push(...(section(answer)?.ephemeral?.events ?? []));
          return events.length >= 2;
        },
        { filter: lazily, since },
      );
      expect(events.find(({ type }) => type === 'm.typing').content).toEqual({ user_ids: [derek] });
      expect(events.find(({ type }) => type === 'm.receipt').content[eventId]['m.read'][derek].ts).toBe(5);
      await complete();
      const presence = await alice.call('getPresence', { params: { userId: derek } });
      expect(presence).toMatchObject({ presence: 'unavailable', status_msg: 'here' });
    });

    it('of other servers than those do not', async () => {
      await join();
      const { next_batch: since } = await sync();
      const fred = `@fred:${other.serverName}`;
      const edus = [
        { edu_type: 'm.typing', content: { room_id: room.roomId, user_id: fred, typing: true } },
        { edu_type: 'm.device_list_update', content: { user_id: fred, device_id: 'X', stream_id: 1, prev_id: [] } },
      ];
      const body = { origin: other.serverName, origin_server_ts: 1, pdus: [], edus };
      await other.send(server.serverName, 'PUT', `/_matrix/federation/v1/send/x${++sent}`, { body });
      await tell('m.typing', { room_id: room.roomId, user_id: fred, typing: true });
      await tell('m.typing', { room_id: room.roomId, user_id: derek, typing: true });
      const typists: string[] = [];
      await alice.syncUntil(
        (answer) => {
          for (const { type, content } of section(answer)?.ephemeral?.events ?? [])
            if (type === 'm.typing') typists.push(...content.user_ids);
          return typists.includes(derek);
        },
        { filter: lazily, since },
      );
      expect(typists).not.toContain(fred);
    });

    it('have devices whose changes are told when it is known that they are members', async () => {
      await join();
      const { next_batch: since } = await sync();
      await devicesChanged(derek);
      await tell('m.signing_key_update', { user_id: room.owner });
      await devicesChanged(room.userId('stranger'));
      expect((await sync(since)).device_lists).toEqual({ changed: [], left: [] });
      await query(derek);
      await query(derek);
      expect(asked).toEqual([derek, derek]);
      await complete();
      const { device_lists: lists } = await sync(since);
      expect(lists.changed.toSorted()).toEqual([derek, room.owner].sort());
      expect(lists.left).toEqual([]);
      await query(derek);
      await query(derek);
      expect(asked).toEqual([derek, derek, derek]);
    });

    it('are all told of where the room is encrypted', async () => {
      room.add('m.room.encryption', { algorithm: 'm.megolm.v1.aes-sha2' }, '');
      await join();
      const { next_batch: since } = await sync();
      await complete();
      expect((await sync(since)).device_lists.changed.toSorted()).toEqual([derek, room.owner].sort());
    });

    it('are forgotten if they turn out to be no members', async () => {
      const elsie = room.userId('elsie');
      room.put(room.owner, 'm.room.member', { membership: 'ban' }, elsie);
      await join();
      const { next_batch: before } = await sync();
      const entering = room.by(elsie, 'm.room.member', { membership: 'join' }, elsie, []);
      await room.send(server, entering);
      const { next_batch: since, device_lists: lists } = await sync(before);
      expect(lists.changed).toEqual([elsie]);
      await query(elsie);
      await query(elsie);
      expect(asked).toEqual([elsie]);
      await complete();
      expect((await sync(since)).device_lists).toEqual({ changed: [], left: [elsie] });
      await expect
        .poll(async () => {
          await query(elsie);
          return asked.length;
        })
        .toBeGreaterThan(1);
    });
  });

  it('servers that turn out to be in the room are told of devices that changed meanwhile', async () => {
    const fred = `@fred:${other.serverName}`;
    const ids = (...keys: string[]): string[] => keys.map((key) => room.state.get(key)!.eventId);
    const { pdu } = room.make('m.room.member', { membership: 'join' }, fred, {
      sender: fred,
      auth_events: ids('m.room.create ', 'm.room.power_levels ', 'm.room.join_rules '),
    });
    const { signatures: _signatures, hashes: _hashes, ...unsigned } = pdu;
    const signed = hashAndSignEvent(unsigned as unknown as UnsignedPdu, room.version, other.serverName, other.key);
    const entered = { eventId: signed.eventId, pdu: signed.event };
    room.events.push(entered);
    room.state.set(`m.room.member ${fred}`, entered);
    const state = [...room.state.values()].map(({ eventId }) => eventId);
    room.stateAnswer = () => ({ body: { pdu_ids: state, auth_chain_ids: state } });
    await join();
    const updates = (at: TestPeer): Json[] =>
      at.received
        .filter(({ url }) => url.includes('/send/'))
        .flatMap(({ body }) => JSON.parse(body).edus ?? [])
        .filter(({ edu_type, content }) => edu_type === 'm.device_list_update' && content.user_id === alice.userId)
        .map(({ content }) => content.device_display_name ?? content.device_id);
    await alice.call('updateDevice', {
      params: { deviceId: alice.deviceId! },
      body: { display_name: 'renamed' },
    });
    await expect.poll(() => updates(peer)).not.toEqual([]);
    expect(updates(other)).toEqual([]);
    await complete();
    await expect.poll(() => updates(other)).toEqual([alice.deviceId]);
  });
});
