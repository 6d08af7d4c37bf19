import { MatrixError } from '@myelin/api';
import type { Requester } from '../../http/index.ts';
import type { RoomNid, UserNid } from '../names/index.ts';
import { movedUsers } from '../streams/index.ts';
import type { ActivityPort } from '../receipts/index.ts';
import type { PresenceSource } from '../sync/index.ts';
import { PresenceAudience } from './presence-audience.ts';
import { contentOf, offlineContent, presenceEvent, type PresenceContent } from './presence-content.ts';
import { PresenceLog } from './presence-log.ts';
import { PresenceRecord, type PresenceRow, type PresenceState } from './presence-record.ts';
import { PlannedTasks } from './planned-tasks.ts';
import type { PresenceParts } from './presence-parts.ts';
import { TellingPace } from './telling-pace.ts';
import { RemotePresenceRecord, type RemotePresence } from './remote-presence-record.ts';

/** How often it is looked who went away or fell idle, in milliseconds; more often where the configured times are shorter. */
const longestSweepMs = 5_000;
const shortestSweepMs = 100;
/** How long what happened may be unknown to the database, in milliseconds. */
const storeMs = 5_000;
/** Everybody who shares a room is woken by a change: of many at a time all but the first are told together, with this delay in milliseconds. */
const tellDelayMs = 100;
/** Users of whom something is in memory. */
const mostRecords = 50_000;
/** In UTF-16 units. */
const longestStatus = 4_096;

/** Who is there. Client-Server API §"Presence". */
export class Presence implements PresenceSource, ActivityPort {
  readonly #parts: PresenceParts;
  readonly #audience: PresenceAudience;
  readonly #news: PresenceLog;
  readonly #records = new Map<UserNid, PresenceRecord | RemotePresenceRecord>();
  /** Users with devices that may fall idle or go away. */
  readonly #here = new Set<UserNid>();
  /** Users whose change isn't told yet. */
  readonly #untold = new Set<UserNid>();
  /** Users whose change isn't stored yet. */
  readonly #unstored = new Set<UserNid>();
  readonly #planned: PlannedTasks<'sweep' | 'store' | 'tell'>;
  readonly #pace: TellingPace;
  readonly #unsubscribe: () => void;

  private constructor(parts: PresenceParts) {
    this.#parts = parts;
    const { streams, members, names, settings, timers, clock } = parts;
    this.#planned = new PlannedTasks(timers);
    this.#pace = new TellingPace(clock);
    this.#audience = new PresenceAudience(members, names, settings.excludedRooms);
    this.#news = new PresenceLog(streams.current());
    // Members of a room are to know the presence of those who join it.
    this.#unsubscribe = streams.subscribe((change, position) => {
      if (change.kind !== 'event') return;
      for (const user of movedUsers(change))
        if (this.#here.has(user)) this.#news.add({ position, user, room: change.room });
    });
  }

  /** Users who were there when the server stopped count as there until their clients had the time to come back. */
  static async open(parts: PresenceParts): Promise<Presence> {
    const presence = new Presence(parts);
    if (parts.settings.tracked) for (const row of await parts.store.notOffline()) presence.#restore(row);
    return presence;
  }

  syncing(requester: Requester, setPresence: PresenceState | undefined): () => void {
    const { settings, limiter, clock } = this.#parts;
    const state = setPresence ?? 'online';
    if (!settings.tracked || state === 'offline') return nothing;
    const record = this.#record(requester.user);
    const device = deviceOf(requester);
    // Who says nothing new needn't be slowed down.
    if (!record.says(device, state) && !requester.isExemptFromLimits && !limiter.allows(requester.user)) return nothing;
    const end = record.beginSync(device, state, () => clock.now());
    this.#updated(requester.user, record);
    return end;
  }

  active({ user, device, token }: Requester): void {
    this.#active(user, deviceOf({ device, token }));
  }

  /** The user did something, on whatever device. */
  activeSomewhere(user: UserNid): void {
    this.#active(user, undefined);
  }

  /** The user says how they are; resolves when the status is durable. */
  async set(requester: Requester, state: PresenceState, statusMsg: string | undefined): Promise<void> {
    const { settings, limiter, clock, store } = this.#parts;
    const { user } = requester;
    if (statusMsg !== undefined && statusMsg.length > longestStatus)
      throw new MatrixError('M_INVALID_PARAM', 'The status is too long');
    if (!requester.isExemptFromLimits) limiter.check(user);
    if (!settings.tracked) return;
    const record = this.#record(user);
    const isNew = record.statusMsg !== statusMsg || !record.isRecalled;
    record.set(deviceOf(requester), state, clock.now());
    record.isRecalled = true;
    record.statusMsg = statusMsg;
    this.#updated(user, record);
    if (isNew) await store.put([{ user, ...record.stored() }]);
  }

  /** Throws M_FORBIDDEN for users whom the requester shares no room with. */
  async status(requester: Requester, userId: string): Promise<PresenceContent> {
    const { settings, names, store } = this.#parts;
    if (!settings.enabled) return { presence: 'offline' };
    const user = userId === requester.userId ? requester.user : await names.findUser(userId);
    if (user === undefined || !(user === requester.user || (await this.#audience.sees(requester.user, user)))) {
      throw new MatrixError('M_FORBIDDEN', 'You are not allowed to see their presence');
    }
    const record = this.#records.get(user);
    if (record?.isRecalled) return contentOf(record, this.#now());
    const row = await store.get(user);
    if (record instanceof PresenceRecord) record.recall(row ?? unknown);
    return record ? contentOf(record, this.#now()) : offlineContent(row, this.#now());
  }

  /** What another server says of one of its users. */
  receive(user: UserNid, presence: RemotePresence): void {
    if (!this.#parts.settings.tracked) return;
    let record = this.#records.get(user);
    if (!(record instanceof RemotePresenceRecord)) this.#records.set(user, (record = new RemotePresenceRecord()));
    record.tell(presence, this.#parts.clock.now());
    this.#updated(user, record);
    // Also if it is nothing new: it is believed for some time only.
    this.#planStore(user);
  }

  /** What other servers are told of a local user; undefined: not a local one, or nothing is known. */
  localContent(user: UserNid): PresenceContent | undefined {
    const record = this.#records.get(user);
    return record instanceof PresenceRecord && this.#parts.settings.tracked
      ? contentOf(record, this.#now())
      : undefined;
  }

  /** The local users who are there. */
  localUsersHere(): UserNid[] {
    return [...this.#here].filter((user) => this.#records.get(user) instanceof PresenceRecord);
  }

  /** Whether the members of a room see each other's presence because of it. */
  showsPresence(room: RoomNid): Promise<boolean> {
    return this.#audience.includes(room);
  }

  async events(user: UserNid, since: number, upTo: number, newRooms: readonly RoomNid[]): Promise<string[]> {
    const { settings } = this.#parts;
    if (!settings.enabled) return [];
    const news = since === 0 ? undefined : this.#news.between(since, upTo);
    if (news?.length === 0 && newRooms.length === 0) return [];
    const found = new Set<UserNid>();
    const rooms = await this.#audience.roomsOf(user);
    if (news) {
      for (const one of news)
        if (!found.has(one.user) && (await this.#audience.concerns(one, user, rooms))) found.add(one.user);
      const unseen = newRooms.filter((room) => rooms.includes(room));
      await this.#audience.addMembers(found, unseen, this.#here);
    } else {
      const everybody = since === 0 && settings.includeOfflineUsersOnSync;
      await this.#audience.addMembers(found, rooms, everybody ? undefined : since === 0 ? this.#here : this.#records);
      if (this.#here.has(user)) found.add(user);
    }
    const userIds = await this.#parts.names.userIds(found);
    return [...userIds].map(([one, userId]) => presenceEvent(userId, this.#records.get(one), this.#now()));
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    this.#planned.cancel();
    for (const user of this.#here) this.#unstored.add(user);
    await this.#store();
  }

  #now(): number {
    return this.#parts.clock.now();
  }

  #active(user: UserNid, device: number | undefined): void {
    const record = this.#records.get(user);
    if (!(record instanceof PresenceRecord) || !this.#parts.settings.tracked) return;
    record.active(device, this.#parts.clock.now());
    this.#updated(user, record);
  }

  #record(user: UserNid): PresenceRecord {
    let record = this.#records.get(user);
    if (!(record instanceof PresenceRecord)) {
      record = new PresenceRecord(this.#parts.settings);
      this.#records.set(user, record);
      void this.#recall(user, record);
    }
    return record;
  }

  /** Brings back what is stored of a user who was away. */
  async #recall(user: UserNid, record: PresenceRecord): Promise<void> {
    const { store, log } = this.#parts;
    try {
      record.recall((await store.get(user)) ?? unknown);
      this.#updated(user, record);
    } catch (err) {
      log.warn({ err }, 'the presence of a user could not be read');
    }
  }

  #restore(row: PresenceRow): void {
    const now = this.#parts.clock.now();
    const record = row.told ? new RemotePresenceRecord() : new PresenceRecord(this.#parts.settings);
    if (record instanceof RemotePresenceRecord) record.restore(row);
    else {
      record.restore(row.state, now);
      record.recall(row);
    }
    record.update(now);
    this.#records.set(row.user, record);
    this.#here.add(row.user);
    this.#planSweep();
  }

  #updated(user: UserNid, record: PresenceRecord | RemotePresenceRecord): void {
    if (!record.isSettled) {
      this.#here.add(user);
      this.#planSweep();
    }
    if (!record.update(this.#parts.clock.now())) return;
    if (record.isSettled) this.#here.delete(user);
    this.#planStore(user);
    this.#untold.add(user);
    if (this.#pace.allowsNow()) this.#tell();
    else this.#planned.plan('tell', tellDelayMs, () => this.#tell());
  }

  #sweep(): void {
    for (const user of this.#here) {
      const record = this.#records.get(user) as PresenceRecord | RemotePresenceRecord;
      this.#updated(user, record);
      if (record.isSettled) this.#here.delete(user);
    }
    if (this.#here.size > 0) this.#planSweep();
    if (this.#records.size <= mostRecords) return;
    for (const user of this.#records.keys()) {
      if (!this.#here.has(user) && !this.#untold.has(user) && !this.#unstored.has(user)) this.#records.delete(user);
    }
  }

  #planSweep(): void {
    const { idleTimeoutMs, syncOnlineTimeoutMs, lastActiveGranularityMs } = this.#parts.settings;
    const shortest = Math.min(idleTimeoutMs, syncOnlineTimeoutMs, lastActiveGranularityMs, longestSweepMs);
    this.#planned.plan('sweep', Math.max(shortest, shortestSweepMs), () => this.#sweep());
  }

  #tell(): void {
    const users = [...this.#untold];
    this.#untold.clear();
    if (users.length === 0) return;
    const position = this.#parts.streams.immediate(...users.map((user) => ({ kind: 'presence', user }) as const));
    for (const user of users) this.#news.add({ position, user });
  }

  #planStore(user: UserNid): void {
    this.#unstored.add(user);
    this.#planned.plan('store', storeMs, () => void this.#store());
  }

  async #store(): Promise<void> {
    const users = [...this.#unstored];
    this.#unstored.clear();
    const rows: PresenceRow[] = [];
    for (const user of users) {
      const record = this.#records.get(user);
      if (record?.isRecalled) rows.push({ user, ...record.stored() });
    }
    if (rows.length === 0) return;
    try {
      await this.#parts.store.put(rows);
    } catch (err) {
      this.#parts.log.warn({ err }, 'presence could not be stored');
    }
  }
}

const unknown = { statusMsg: undefined, lastActive: undefined };

function nothing(): void {}

/** Tokens without a device count as one of their own. */
function deviceOf({ device, token }: Pick<Requester, 'device' | 'token'>): number {
  return device ?? -token - 2;
}
