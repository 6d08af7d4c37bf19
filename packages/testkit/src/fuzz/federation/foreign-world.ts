import { randomUUID } from 'node:crypto';
import { openDatabase, sql } from '@myelin/database';
import type { JsonObject } from '@myelin/protocol';
import { systemRuntime } from '@myelin/runtime';
import { PeerRooms } from '../../federation/peer-rooms.ts';
import { TestPeer } from '../../federation/test-peer.ts';
import type { StartFederation } from '../../federation/describe-federations.ts';
import type { TestClient } from '../../client/test-client.ts';
import type { TestServer, TestServerOptions } from '../../server/test-server.ts';
import { Seeded } from '../seeded.ts';
import type { KnownNames } from '../value-from-schema.ts';
import { FaultWatch } from './fault-watch.ts';
import { isPrintable, RawCaller, type RawAnswer } from './raw-caller.ts';

/** What a seed plays with: users of both servers, and rooms. */
export interface Situation {
  readonly seed: number;
  readonly random: Seeded;
  readonly version: string;
  readonly alice: TestClient;
  readonly carol: TestClient;
  /** A user of the other server, who may do anything in the room, and one who may do little. */
  readonly bob: string;
  readonly dora: string;
  /** Of alice, with everybody in it; public, with an alias. */
  readonly roomId: string;
  readonly alias: string;
  /** A room of the same that no fuzz touches, by which is seen that the server still works. */
  readonly quietRoomId: string;
  /** One in which nobody of the other server is. */
  readonly secretRoomId: string;
  /** In the body of each message that the other server may not see. */
  readonly secret: string;
  readonly eventIds: string[];
  readonly known: KnownNames;
}

/** Room versions that differ most. */
export const fuzzedVersions: readonly string[] = ['1', '6', '10', '11', '12'];

export type WorldOptions = Pick<TestServerOptions, 'config' | 'resolver'>;

/** A server on this machine, and another one in its rooms that is rightly signed and up to no good. */
export class ForeignWorld {
  readonly server: TestServer;
  readonly peer: TestPeer;
  readonly rooms: PeerRooms;
  readonly caller: RawCaller;
  readonly faults: FaultWatch;

  private constructor(server: TestServer, peer: TestPeer, faults: FaultWatch) {
    this.server = server;
    this.peer = peer;
    this.faults = faults;
    this.rooms = new PeerRooms(peer, server);
    this.caller = new RawCaller(peer, server);
  }

  /** `options`: beside or instead of what is usual here. */
  static async start(start: StartFederation, options: WorldOptions = {}): Promise<ForeignWorld> {
    const faults = new FaultWatch();
    const config = {
      allow_public_rooms_over_federation: true,
      federation: {
        client_timeout: 2_000,
        max_short_retries: 0,
        max_long_retries: 0,
        destination_min_retry_interval: 10,
      },
      ...options.config,
    };
    const { resolver } = options;
    const [server] = await start(1, { config, log: faults.log, onDisk: true, ...(resolver ? { resolver } : {}) });
    return new ForeignWorld(server as TestServer, await TestPeer.start(), faults);
  }

  async stop(): Promise<void> {
    this.caller.close();
    await this.peer.stop();
    this.faults.close();
  }

  /** New users and rooms for a seed. */
  async situation(seed: number): Promise<Situation> {
    const random = new Seeded(seed * 7919 + 17);
    const version = random.pick(fuzzedVersions);
    const name = randomUUID().slice(0, 8);
    const client = this.server.client({ unrecorded: true });
    const [alice, carol] = (await Promise.all(
      ['alice', 'carol'].map((person) => client.registerUser(`${person}-${name}`)),
    )) as [TestClient, TestClient];
    const [bob, dora] = ['bob', 'dora'].map((person) => this.rooms.userId(`${person}-${name}`)) as [string, string];
    const [roomId, quietRoomId, secretRoomId] = (await Promise.all([
      alice.createRoom({
        preset: 'public_chat',
        visibility: 'public',
        room_version: version,
        room_alias_name: `room-${name}`,
        creation_content: random.chance(0.3) ? { type: 'm.space' } : {},
        initial_state: [
          { type: 'm.room.history_visibility', state_key: '', content: { history_visibility: 'joined' } },
          ...(random.chance(0.2)
            ? [{ type: 'm.room.encryption', state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } }]
            : []),
        ],
        power_level_content_override: { users: { ...(version === '12' ? {} : { [alice.userId!]: 100 }), [bob]: 100 } },
      }),
      alice.createRoom({ preset: 'public_chat' }),
      alice.createRoom({ preset: 'private_chat', name: `secret-${name}` }),
    ])) as [string, string, string];
    const secret = `hidden-${name}`;
    await alice.sendText(secretRoomId, secret);
    const hidden = await alice.sendText(roomId, secret);
    await Promise.all([carol.joinRoom(roomId), carol.joinRoom(quietRoomId)]);
    for (const user of [bob, dora]) await this.rooms.join(roomId, user);
    await this.rooms.join(quietRoomId, bob);
    await alice.sendState(roomId, 'm.room.history_visibility', {
      history_visibility: random.pick(['shared', 'invited', 'joined', 'world_readable']),
    });
    const eventIds = [await alice.sendText(roomId, 'hello'), await carol.sendText(roomId, 'hello')];
    const reaction = { 'm.relates_to': { rel_type: 'm.annotation', event_id: eventIds[0], key: '👍' } };
    eventIds.push(await carol.sendEvent(roomId, 'm.reaction', reaction));
    const userIds = [alice.userId!, carol.userId!, bob, dora];
    await Promise.all([alice.sync(), carol.sync()]);
    const alias = `#room-${name}:${this.server.serverName}`;
    const secretEventId = (
      await alice.call('getRoomEvents', { params: { roomId: secretRoomId }, query: { dir: 'b', limit: 1 } })
    ).chunk[0].event_id as string;
    const roomIds = [roomId, roomId, roomId, quietRoomId, secretRoomId, '!none:nowhere.test'];
    const allEvents = [...eventIds, hidden, secretEventId, '$none'];
    return {
      seed,
      random,
      version,
      alice,
      carol,
      bob,
      dora,
      roomId,
      alias,
      quietRoomId,
      secretRoomId,
      secret,
      eventIds,
      known: {
        userId: userIds,
        user_id: userIds,
        'mx-user-id': userIds,
        roomId: roomIds,
        room_id: roomIds,
        'mx-room-id': roomIds,
        roomIdOrAlias: [roomId, alias],
        room_alias: [alias, '#none:nowhere.test'],
        'mx-room-alias': [alias],
        eventId: allEvents,
        event_id: allEvents,
        'mx-event-id': allEvents,
        v: allEvents,
        serverName: [this.server.serverName, this.peer.serverName],
        'mx-server-name': [this.server.serverName, this.peer.serverName],
        deviceId: [alice.deviceId!],
        mediaId: ['nothing'],
        queryType: ['profile', 'directory', 'other'],
        ver: ['1', '6', '10', '11', '12'],
        limit: ['1', '10', '1000'],
        dir: ['f', 'b'],
        ts: ['0', '1', String(Date.now()), '9007199254740991'],
        field: ['displayname', 'avatar_url'],
        minimum_valid_until_ts: ['0', '9007199254740991'],
        txnId: [`t${name}`],
        word: ['m.room.message', 'join', 'ban', 'leave', 'public', 'm.thread', 'm.replace', 'm.read', 'main', 'm.text'],
      },
    };
  }

  /** That the server still works: a message passes between its users, and to the other server. */
  async stillWorks({ alice, carol, quietRoomId, seed }: Situation): Promise<void> {
    const eventId = await alice.sendText(quietRoomId, `after ${seed}`);
    await carol.waitForEvent(quietRoomId, eventId);
  }

  /** Restarts the server; resolves to what is wrong with its database, as SQLite sees it. */
  async restart(): Promise<string[]> {
    const problems: string[] = [];
    await this.server.restart({}, async () => {
      if (this.server.database !== 'sqlite') return;
      const options = this.server.config.database as Parameters<typeof openDatabase>[0];
      const database = await openDatabase(options, systemRuntime);
      const rows = await database.read((reader) =>
        reader.all<{ integrity_check: string }>(sql`PRAGMA integrity_check`),
      );
      problems.push(...rows.map((row) => row.integrity_check).filter((each) => each !== 'ok'));
      await database.close();
    });
    return problems;
  }

  /** A transaction of the other server. */
  async transaction(pdus: readonly JsonObject[], edus: readonly unknown[] = []): Promise<RawAnswer> {
    const body = {
      origin: this.peer.serverName,
      origin_server_ts: Date.now(),
      // One that has no canonical form would have all of them refused.
      pdus: pdus.filter(isPrintable),
      ...(edus.length > 0 ? { edus } : {}),
    };
    const target = `/_matrix/federation/v1/send/${randomUUID()}`;
    return this.caller.call({ method: 'PUT', target, text: JSON.stringify(body) });
  }
}
