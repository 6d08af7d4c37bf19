import type { JsonObject } from '@myelin/protocol';
import type { Cancellable, Timers } from '@myelin/runtime';
import type { Log } from '../../observability/log.ts';
import type { Names, RoomNid, UserNid } from '../names/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { JoinedServers } from '../room-servers/index.ts';
import type { Streams } from '../streams/index.ts';
import type { EduSender } from './edu-sender.ts';
import type { OutboundMetrics } from './outbound-metrics.ts';

/** The presence of local users. Implemented by `features/presence`. */
export interface LocalPresence {
  /** What others are told of a local user; undefined: not a local one, or nothing is known. */
  localContent(user: UserNid): object | undefined;
  /** The local users who are there. */
  localUsersHere(): UserNid[];
  /** Whether the members of a room see each other's presence because of it. */
  showsPresence(room: RoomNid): Promise<boolean>;
}

export interface PresenceSenderParts {
  readonly timers: Timers;
  readonly log: Log;
  readonly names: Pick<Names, 'userId'>;
  readonly members: Pick<RoomMembers, 'joinedRooms' | 'joinedUsers'>;
  readonly servers: Pick<JoinedServers, 'isFederated' | 'othersInRoom'>;
  readonly streams: Pick<Streams, 'subscribe'>;
  readonly presence: LocalPresence;
  readonly edus: Pick<EduSender, 'sendSoon'>;
  readonly metrics: OutboundMetrics;
}

/** Servers believe for half an hour that somebody is there: everybody is told of again in the course of 25 minutes. */
const repeatEveryMs = 60_000;
const repeatRounds = 25;

/** Tells servers that share rooms with local users how those are. Server-Server API §"Presence". */
export class PresenceSender {
  readonly #parts: PresenceSenderParts;
  /** Whose presence is to be told to all servers, or to those in some rooms. */
  #untold = new Map<UserNid, Set<RoomNid> | 'all'>();
  #isTelling = false;
  #round = 0;
  readonly #unsubscribe: () => void;
  readonly #repeating: Cancellable;

  constructor(parts: PresenceSenderParts) {
    this.#parts = parts;
    this.#unsubscribe = parts.streams.subscribe((change) => {
      if (change.kind === 'presence') this.#add(change.user, 'all');
      // Whoever comes into a room is told of there; so are those who learn of others by a join, when their server comes.
      else if (change.kind === 'event' && change.users && parts.servers.isFederated(change.room))
        for (const user of change.users) this.#add(user, change.room);
    });
    this.#repeating = parts.timers.every(repeatEveryMs, () => this.#repeat());
  }

  /** A server has come into a room: it is told of the local users there. */
  async serverCame(room: RoomNid, server: string): Promise<void> {
    const { presence, members, log } = this.#parts;
    try {
      const here = presence.localUsersHere();
      if (here.length === 0 || !(await presence.showsPresence(room))) return;
      const joined = await members.joinedUsers(room);
      for (const user of here) if (joined.has(user)) await this.#send(user, [server]);
    } catch (err) {
      log.warn({ err }, 'a server could not be told who is there');
    }
  }

  stop(): void {
    this.#unsubscribe();
    this.#repeating.cancel();
    this.#untold.clear();
  }

  #repeat(): void {
    this.#round = (this.#round + 1) % repeatRounds;
    for (const user of this.#parts.presence.localUsersHere())
      if (user % repeatRounds === this.#round) this.#add(user, 'all');
  }

  #add(user: UserNid, where: RoomNid | 'all'): void {
    if (!this.#parts.presence.localContent(user)) return;
    const before = this.#untold.get(user);
    if (where === 'all') this.#untold.set(user, 'all');
    else if (!before) this.#untold.set(user, new Set([where]));
    else if (before !== 'all') before.add(where);
    if (this.#isTelling) return;
    this.#isTelling = true;
    // Later: what keeps memberships in memory hears of a change after it was told.
    this.#parts.timers.soon(() => void this.#tell());
  }

  async #tell(): Promise<void> {
    const { log } = this.#parts;
    try {
      while (this.#untold.size > 0) {
        const untold = this.#untold;
        this.#untold = new Map();
        for (const [user, rooms] of untold) await this.#send(user, await this.#servers(user, rooms));
      }
    } catch (err) {
      log.warn({ err }, 'other servers could not be told who is there');
    } finally {
      this.#isTelling = false;
    }
  }

  async #servers(user: UserNid, where: ReadonlySet<RoomNid> | 'all'): Promise<ReadonlySet<string>> {
    const { members, servers, presence } = this.#parts;
    const found = new Set<string>();
    for (const room of await members.joinedRooms(user)) {
      if (!servers.isFederated(room) || (where !== 'all' && !where.has(room))) continue;
      if (!(await presence.showsPresence(room))) continue;
      for (const server of await servers.othersInRoom(room)) found.add(server);
    }
    return found;
  }

  async #send(user: UserNid, servers: ReadonlySet<string> | readonly string[]): Promise<void> {
    const { presence, names, edus, metrics } = this.#parts;
    const shown = presence.localContent(user);
    if (!shown) return;
    const userId = await names.userId(user);
    const content: JsonObject = { push: [{ ...(shown as JsonObject), user_id: userId }] };
    edus.sendSoon(servers, { edu_type: 'm.presence', content }, `presence ${userId}`);
    metrics.presenceSent(1);
  }
}
