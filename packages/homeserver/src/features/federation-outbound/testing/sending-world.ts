import type { Database, Migration } from '@myelin/database';
import { systemClock, systemRandom, systemTimers } from '@myelin/runtime';
import { ManualTime } from '@myelin/runtime/testing';
import { Counters } from '../../counters/index.ts';
import { StoredEvent } from '../../events/index.ts';
import { memberKey, type EventNid, type RoomNid, type UserNid } from '../../names/index.ts';
import { JoinedServers, roomServersMigrations } from '../../room-servers/index.ts';
import { Streams } from '../../streams/index.ts';
import { createFederationOutbound, type FederationSending } from '../create-federation-outbound.ts';
import { federationOutboundMigrations } from '../migrations.ts';
import { Crashing, type CrashPoint } from './crash.ts';
import { Peers } from './peers.ts';

const log = { info() {}, warn() {}, debug() {}, error() {} } as never;

/** A server that sends, with its tables, among peers. */
export class SendingWorld {
  readonly time = new ManualTime();
  readonly peers = new Peers(() => this.time.now());
  readonly database: Database;
  /** Rooms that the local user 1 is in, and those of the local user 2. */
  readonly ownRooms = new Set<number>();
  readonly roomsOfSecond = new Set<number>();
  /** Servers that may be spoken to; undefined: all. */
  allowed: ReadonlySet<string> | undefined;
  sending!: FederationSending;
  servers!: JoinedServers;
  streams!: Streams;
  /** The run that is under way. */
  run = new Crashing();
  #counters!: Counters;
  readonly #events = new Map<EventNid, StoredEvent>();
  readonly #newest = new Map<number, number>();
  #nid = 0;

  constructor(database: Database) {
    this.database = database;
  }

  /** A server that sends, with these in the room 7. */
  static async begin(
    open: (migrations: readonly Migration[]) => Promise<Database>,
    ...servers: string[]
  ): Promise<SendingWorld> {
    const world = new SendingWorld(await open([...roomServersMigrations, ...federationOutboundMigrations]));
    world.ownRooms.add(7);
    await world.start();
    await world.fill(7, servers);
    return world;
  }

  /** Starts the server, or after `stop` or a crash another run of it, which may crash too. */
  async start(crash?: CrashPoint): Promise<void> {
    const run = new Crashing(crash);
    this.run.isDown = true;
    this.run = run;
    const members = {
      count: async () => 1,
      // With the first user of another server.
      ofRoom: async (room: number) => (this.ownRooms.has(room) ? [{ membership: 'join' }, { membership: 'join' }] : []),
      joinedRooms: async (user: number) => [...([this.ownRooms, this.roomsOfSecond][user - 1] ?? [])] as RoomNid[],
    };
    this.#counters = await Counters.open(this.database);
    this.streams = await Streams.open(this.#counters);
    this.servers = await JoinedServers.open(this.database, members as never, 'here.test');
    this.sending = await createFederationOutbound({
      serverName: 'here.test',
      runtime: { clock: this.time, timers: this.time, random: systemRandom },
      database: run.database(this.database),
      counters: this.#counters,
      streams: this.streams,
      names: { userId: async (user: number) => (user < 100 ? `@u${user}:here.test` : `@u${user}:one.test`) } as never,
      events: {
        get: async (nid) => this.#events.get(nid) as StoredEvent,
        getMany: async (nids) => new Map([...nids].map((nid) => [nid, this.#events.get(nid) as StoredEvent])),
        timeline: { pointAt: async (room: number) => ({ position: this.#newest.get(room) }) } as never,
      },
      roomServers: this.servers,
      partialRooms: { isPartial: () => false },
      client: {
        call: (...call: Parameters<Peers['client']['call']>) => run.pass(() => this.peers.client.call(...call)),
      } as never,
      backoff: this.peers,
      facts: {
        device: async (_user, deviceId) =>
          deviceId === 'GONE' ? undefined : { displayName: 'Phone', keys: '{"algorithms":[]}' },
        devicesOf: async () => ({ deviceIds: ['PHONE'], position: 3 }),
        crossSigning: async () => ({ master: '{"m":1}', selfSigning: undefined }),
      },
      log,
      settings: {
        isAllowed: (name) => this.allowed?.has(name) ?? true,
        withDeviceNames: false,
        oddAnswerPauseMs: 600_000,
        shownInMetrics: new Set(),
      },
    });
    const started = this.sending.outbound.start().then(() => this.sending.returning.start());
    await Promise.race([started, run.crashed]);
  }

  /** `downMs`: how long it is down. */
  async restart(downMs = 0): Promise<void> {
    await this.sending.returning.stop();
    await this.sending.outbound.stop();
    this.time.advance(downMs);
    await this.start();
  }

  /** What the user of a server does; undefined: the local user, of a message. */
  async send(
    room: number,
    id: string,
    change?: { userId: string; from?: string; to: string },
    sender = '@u1:here.test',
    isRelayed = false,
  ) {
    return this.database.transact(async (writer) => {
      const position = this.streams.next(writer);
      this.#newest.set(room, position);
      const event = this.#event(room, id, position, sender, change?.to);
      const before =
        change?.from === undefined
          ? undefined
          : this.#event(room, `${id}-before`, 0, sender, change.from, change.userId);
      const after = change && event.with({ stateKey: change.userId });
      if (after) this.#events.set(event.nid, after);
      const changes = after ? [{ key: memberKey(1 as UserNid), before, after }] : [];
      const way = sender.endsWith(':here.test')
        ? ('sent' as const)
        : isRelayed
          ? ('relayed' as const)
          : ('received' as const);
      const context = { way, head: undefined as never, replaced: before, changes };
      await this.servers.apply(writer, after ?? event, context);
      await this.sending.events.apply(writer, after ?? event, context);
      return after ?? event;
    });
  }

  idOf(event: number): string {
    return (this.#events.get(event as EventNid) as StoredEvent).eventId;
  }

  /** Of all events that there were. */
  *ids(): Generator<string> {
    for (const { eventId } of this.#events.values()) yield eventId;
  }

  /** An event of another server comes, and the state of the room resolves to one without a user who was joined. */
  async resolveOut(room: number, id: string, userId: string, sender: string, ends: readonly string[]): Promise<void> {
    await this.database.transact(async (writer) => {
      const position = this.streams.next(writer);
      const event = this.#event(room, id, position, sender);
      const others = ends.map((end) => this.#event(room, end, 0, sender));
      const before = this.#event(room, `${id}-before`, 0, sender, 'join', userId);
      const changes = [{ key: memberKey(1 as UserNid), before, after: undefined }];
      const head = { extremities: [event, ...others] } as never;
      const context = { way: 'received', head, replaced: undefined, changes } as const;
      await this.servers.apply(writer, event, context);
      await this.sending.events.apply(writer, event, context);
    });
  }

  /** A user of each server joins. */
  async fill(room: number, servers: readonly string[]): Promise<void> {
    for (const server of servers)
      await this.send(room, `join of ${server}`, { userId: `@a:${server}`, to: 'join' }, `@a:${server}`);
  }

  async deviceChange(user: number, deviceId: string, previous: number): Promise<number> {
    return this.database.transact(async (writer) => {
      const position = this.streams.next(writer);
      await this.sending.deviceLists.changed(writer, user as UserNid, [
        { user: user as UserNid, deviceId, position, previous },
      ]);
      return position;
    });
  }

  async toDevice(destinations: readonly string[], content: Record<string, string>): Promise<void> {
    await this.database.transact((writer) =>
      this.sending.outbound.enqueue(writer, destinations, { edu_type: 'm.direct_to_device', content }),
    );
  }

  /** Waits, without letting time go on, until nothing is under way, or the run has crashed. */
  idle(): Promise<void> {
    return this.until(() => this.run.isDown || this.sending.outbound.isIdle);
  }

  /** Lets time go on, by `step` milliseconds at a time, until nothing is under way. */
  passUntilIdle(step: number): Promise<void> {
    return this.until(() => {
      if (this.sending.outbound.isIdle) return true;
      this.time.advance(step);
      return false;
    });
  }

  async until(done: () => boolean): Promise<void> {
    const end = systemClock.monotonic() + 60_000;
    while (systemClock.monotonic() < end) {
      // Twice: what a promise brings forth may add a task.
      await turn();
      if (!done()) continue;
      await turn();
      if (done()) return;
    }
    throw new Error('It does not come to that');
  }

  /** Lets time go on step by step, so that what happens in it happens. */
  async pass(ms: number, step = 30_000): Promise<void> {
    for (let passed = 0; passed < ms; passed += step) {
      this.time.advance(Math.min(step, ms - passed));
      await this.idle();
    }
  }

  #event(
    room: number,
    id: string,
    position: number,
    sender: string,
    membership = 'none',
    stateKey?: string,
  ): StoredEvent {
    const content = JSON.stringify({ membership });
    const json = `{"id":${JSON.stringify(id)},"content":${content}}`;
    const start = json.length - content.length - 1;
    const event = new StoredEvent({
      nid: ++this.#nid as EventNid,
      eventId: id,
      room: room as RoomNid,
      roomId: `!${room}:here.test`,
      type: 'm.room.message',
      senderNid: 1 as UserNid,
      sender,
      stateKeyNid: undefined,
      stateKey,
      depth: 1,
      originServerTs: 1,
      position,
      stateBefore: 0 as never,
      stateAfter: 0 as never,
      status: 0,
      redactedBy: undefined,
      json,
      unredactedJson: undefined,
      contentStart: start,
      contentEnd: json.length - 1,
    });
    this.#events.set(event.nid, event);
    return event;
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => systemTimers.soon(resolve));
}
