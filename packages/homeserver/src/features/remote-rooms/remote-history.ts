import { federation, MatrixError } from '@myelin/api';
import type { RoomVersion } from '@myelin/protocol';
import type { Clock, Timers } from '@myelin/runtime';
import { boundedCache } from '../../caches/index.ts';
import { RateLimiter } from '../../http/index.ts';
import type { Log } from '../../observability/log.ts';
import type { StoredEvent, TimelinePoint } from '../events/index.ts';
import { FederationError, type FederationClient } from '../federation-client/index.ts';
import type { IncomingEvents } from '../incoming-events/index.ts';
import type { RoomNid } from '../names/index.ts';
import type { HistoryOfOthers } from '../room-history/index.ts';
import type { RoomServers } from '../room-servers/index.ts';
import type { HistoryGap, RoomHeads } from '../timeline/index.ts';
import { askBeside } from './ask-beside.ts';
import type { BackfillTimes } from './backfill-times.ts';
import { withDeadline } from './deadline.ts';
import type { HistoryServers } from './history-servers.ts';
import { Shared } from './shared.ts';

/** Where the history that this server has ends. Implemented by `features/timeline`. */
export interface HistoryGaps {
  /** The deepest gaps of a room that are named by events at most so deep, the deepest first. */
  gapsUpTo(room: RoomNid, depth: number, limit: number): Promise<HistoryGap[]>;
}

export interface RemoteHistoryParts {
  readonly serverName: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly client: FederationClient;
  readonly heads: RoomHeads;
  readonly incoming: IncomingEvents;
  readonly roomServers: RoomServers;
  readonly historyServers: HistoryServers;
  readonly gaps: HistoryGaps;
  readonly times: BackfillTimes;
}

/** For all that one request of a client fetches, in milliseconds: then it gets what there is. */
const patience = 15_000;
/** A server that is silent for so long (ms) isn't waited for alone. */
const aloneMs = 4_000;
/** So many events are asked for at once. */
const eventsAtOnce = 100;
/** So many gaps are filled at once. */
const gapsAtOnce = 10;
const serversAsked = 3;
const largestAnswer = 32 * 1024 * 1024;
const largestSmallAnswer = 1024 * 1024;
/** A gap that nobody could fill isn't tried again for so long, in milliseconds; twice as long each time. */
const firstRest = 30_000;
const longestRest = 3_600_000;

/** Single events and times that are asked about, by room: clients could ask for any. */
const lookUps = { perSecond: 0.5, burstCount: 30 };

interface Failure {
  readonly count: number;
  readonly until: number;
}

/** Fetches history of rooms from servers that have it. Server-Server API §"Backfilling and retrieving missing events". */
export class RemoteHistory implements HistoryOfOthers {
  readonly #parts: RemoteHistoryParts;
  readonly #running = new Shared<boolean>();
  /** Missing events that nobody gave us, by id. */
  readonly #failures = boundedCache<string, Failure>(10_000);
  readonly #lookUps: RateLimiter;

  constructor(parts: RemoteHistoryParts) {
    this.#parts = parts;
    this.#lookUps = new RateLimiter(parts.clock, lookUps);
  }

  async isMissingBefore(room: RoomNid, point: TimelinePoint): Promise<boolean> {
    return (await this.#isShared(room)) && (await this.#parts.gaps.gapsUpTo(room, point.depth, 1)).length > 0;
  }

  async fetchBefore(room: RoomNid, point: TimelinePoint, depth: number): Promise<boolean> {
    if (!(await this.#isShared(room))) return false;
    const gaps = await this.#parts.gaps.gapsUpTo(room, point.depth, gapsAtOnce);
    const wanted = gaps.filter((gap) => gap.depth > depth && !this.#rests(gap.eventId)).map((gap) => gap.eventId);
    return wanted.length > 0 && this.#running.run(`${room} ${wanted[0]}`, () => this.#backfill(room, wanted));
  }

  async fetchEvent(room: RoomNid, eventId: string): Promise<StoredEvent | undefined> {
    if (this.#rests(eventId) || !(await this.#isShared(room)) || !this.#lookUps.allows(room)) return undefined;
    const event = await this.#each(room, (server, roomId, version, signal, answered) =>
      this.#event(server, roomId, version, eventId, signal, answered),
    );
    if (event) this.#failures.delete(eventId);
    else this.#failed(eventId);
    return event;
  }

  async nearest(
    room: RoomNid,
    ts: number,
    forward: boolean,
    ours: StoredEvent | undefined,
    earlier: StoredEvent | undefined,
  ): Promise<StoredEvent | undefined> {
    if (!(await this.#isShared(room))) return undefined;
    const [gap] = await this.#parts.gaps.gapsUpTo(room, Number.MAX_SAFE_INTEGER, 1);
    // From before the event before it on, nothing is missing; what is missing right before it may have its time.
    if (!gap || (earlier && gap.depth < earlier.fields.depth) || !this.#lookUps.allows(room)) return undefined;
    return this.#each(room, async (server, roomId, version, signal, answered) => {
      const answer = await this.#parts.client.call(
        server,
        federation.getEventByTimestamp,
        { params: { roomId }, query: { ts, dir: forward ? 'f' : 'b' } },
        { signal, maxBytes: largestSmallAnswer, retries: 'none' },
      );
      const at = answer.origin_server_ts;
      const fits = forward ? at >= ts : at <= ts;
      // Where both are as close, the order of the graph decides, once it is stored.
      const isAsClose =
        !ours || (answer.event_id !== ours.eventId && Math.abs(at - ts) <= Math.abs(ours.fields.originServerTs - ts));
      if (!fits || !isAsClose) return undefined;
      const event = await this.#event(server, roomId, version, answer.event_id, signal, answered);
      return event?.fields.originServerTs === at ? event : undefined;
    });
  }

  async #backfill(room: RoomNid, missing: readonly string[]): Promise<boolean> {
    const { clock, client, incoming, times } = this.#parts;
    const started = clock.monotonic();
    const filled = await this.#each(room, async (server, roomId, version, signal, taking) => {
      times.before(clock.monotonic() - started);
      const { pdus } = await client.call(
        server,
        federation.backfillRoom,
        { params: { roomId }, query: { v: [...missing], limit: eventsAtOnce } },
        { signal, maxBytes: largestAnswer, retries: 'none' },
      );
      taking();
      const answered = clock.monotonic();
      const checked = await incoming.check(version, roomId, pdus.slice(0, eventsAtOnce));
      const stored = await incoming.storeHistory(server, roomId, checked);
      times.after(clock.monotonic() - answered);
      return stored.length > 0 ? true : undefined;
    });
    for (const eventId of missing) {
      if (filled) this.#failures.delete(eventId);
      else this.#failed(eventId);
    }
    return filled ?? false;
  }

  async #event(
    server: string,
    roomId: string,
    version: RoomVersion,
    eventId: string,
    signal: AbortSignal,
    answered: () => void,
  ): Promise<StoredEvent | undefined> {
    const { client, incoming } = this.#parts;
    const options = { signal, maxBytes: largestSmallAnswer, retries: 'none' } as const;
    const { pdus } = await client.call(server, federation.getEvent, { params: { eventId } }, options);
    answered();
    const checked = await incoming.check(version, roomId, pdus.slice(0, 1));
    if (checked[0]?.eventId !== eventId) return undefined;
    const stored = await incoming.storeHistory(server, roomId, checked);
    return stored.find((event) => event.eventId === eventId);
  }

  /** Asks servers that are in the room, one after another or beside one that is silent, until one has something, or time is over. */
  async #each<T>(
    room: RoomNid,
    ask: (
      server: string,
      roomId: string,
      version: RoomVersion,
      signal: AbortSignal,
      answered: () => void,
    ) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const { heads, timers, historyServers, log } = this.#parts;
    const head = await heads.find(room);
    if (!head) return undefined;
    const servers = await historyServers.of(room, serversAsked);
    return withDeadline(timers, patience, (deadline) =>
      askBeside(servers, { timers, aloneMs, signal: deadline }, async (server, signal, answered) => {
        try {
          return await ask(server, head.roomId, head.version, signal, answered);
        } catch (error) {
          if (!(error instanceof FederationError) && !(error instanceof MatrixError)) throw error;
          log.debug({ server, room: head.roomId, err: error }, 'a server could not give history of a room');
          return undefined;
        }
      }),
    );
  }

  /** Whether this server is in the room, and others are. */
  async #isShared(room: RoomNid): Promise<boolean> {
    const servers = await this.#parts.roomServers.inRoom(room);
    return servers.size > 1 && servers.has(this.#parts.serverName);
  }

  #rests(eventId: string): boolean {
    const failure = this.#failures.get(eventId);
    return failure !== undefined && this.#parts.clock.monotonic() < failure.until;
  }

  #failed(eventId: string): void {
    const count = (this.#failures.get(eventId)?.count ?? 0) + 1;
    const rest = Math.min(longestRest, firstRest * 2 ** Math.min(count - 1, 20));
    this.#failures.set(eventId, { count, until: this.#parts.clock.monotonic() + rest });
  }
}
