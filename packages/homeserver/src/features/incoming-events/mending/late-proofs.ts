import type { Cancellable, Clock, Timers } from '@myelin/runtime';
import { parseJson, type JsonValue } from '@myelin/protocol';
import { boundedCache } from '../../../caches/index.ts';
import type { Log } from '../../../observability/log.ts';
import type { PartialRooms } from '../../partial-rooms/index.ts';
import type { RoomHead } from '../../timeline/index.ts';
import type { EventChecker } from '../checking/event-checker.ts';
import type { CheckedPdu } from '../incoming-events.ts';
import type { Outliers } from '../fetching/outliers.ts';
import type { LeftOutEvent, StateMender } from './state-mender.ts';
import type { UnprovenEvents, WaitingEvent } from '../checking/unproven-events.ts';

export interface LateProofsParts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly partialRooms: PartialRooms;
  readonly checker: EventChecker;
  readonly outliers: Outliers;
  readonly unproven: UnprovenEvents;
  readonly mender: StateMender;
}

/** Runs work on a room when nobody else takes in events of it; undefined: the room isn't known. */
export type InRoom = (roomId: string, work: (head: RoomHead | undefined) => Promise<void>) => Promise<void>;

const lookMs = 30_000;
const mostAtOnce = 200;
const roomsAtOnce = 20;
/** So often events are looked at that rest on those which were good. */
const mostRounds = 10;
/** The events of one server aren't tried more often for its sake, in ms. */
const pauseMs = 10_000;

/** Tries state events again whose signatures couldn't be checked, when their server speaks and from time to time. */
export class LateProofs {
  readonly #parts: LateProofsParts;
  readonly #tried = boundedCache<string, number>(10_000);
  #inRoom: InRoom | undefined;
  #looking: Cancellable | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(parts: LateProofsParts) {
    this.#parts = parts;
  }

  /** Begins to look from time to time. */
  start(inRoom: InRoom): void {
    this.#inRoom = inRoom;
    this.#looking = this.#parts.timers.every(lookMs, () => void this.round());
  }

  async stop(): Promise<void> {
    this.#looking?.cancel();
    await this.#running;
  }

  /** Before an event of a server is judged: what waits for that server's keys may be what it rests on. In the room's turn. */
  async before(head: RoomHead, server: string): Promise<void> {
    const { unproven, clock } = this.#parts;
    if (!(await unproven.waits(head.roomId, server))) return;
    const key = `${server} ${head.roomId}`;
    const now = clock.monotonic();
    if (now - (this.#tried.get(key) ?? -Infinity) < pauseMs) return;
    this.#tried.set(key, now);
    await this.#try(head, await unproven.ofServer(head.roomId, server, mostAtOnce));
  }

  /** Tries those that are due, after all rounds before. */
  round(): Promise<void> {
    this.#running = this.#running
      .then(() => this.#tryDue())
      .catch((err: unknown) => this.#parts.log.warn({ err }, 'events that wait for keys could not be looked at'));
    return this.#running;
  }

  async #tryDue(): Promise<void> {
    const { unproven } = this.#parts;
    if (await unproven.isEmpty()) return;
    for (const roomId of await unproven.dueRooms(roomsAtOnce)) {
      await this.#inRoom?.(roomId, async (head) => {
        const waiting = await unproven.due(roomId, mostAtOnce);
        if (head) await this.#try(head, waiting);
        else await unproven.settle(roomId, [], waiting);
      });
    }
  }

  async #try(head: RoomHead, waiting: readonly WaitingEvent[]): Promise<void> {
    const { unproven, partialRooms, mender } = this.#parts;
    const leftOut: LeftOutEvent[] = [];
    const done: WaitingEvent[] = [];
    const still: WaitingEvent[] = [];
    let open = waiting;
    const seen = new Set<string>();
    for (let round = 0; round < mostRounds && open.length > 0; round++) {
      for (const { eventId } of open) seen.add(eventId);
      const outcome = await this.#store(head, open);
      leftOut.push(...outcome.leftOut);
      done.push(...outcome.done);
      still.push(...outcome.still);
      if (outcome.leftOut.length === 0) break;
      open = (await unproven.ofServer(head.roomId, '', mostAtOnce)).filter(({ eventId }) => !seen.has(eventId));
    }
    await mender.mend(
      head,
      leftOut.filter(({ toldAfter }) => toldAfter.length > 0),
    );
    // Until a room's members are known more states may be told without the events.
    if (partialRooms.isPartial(head.room)) await unproven.settle(head.roomId, [], still);
    else await unproven.settle(head.roomId, done, still);
  }

  /** Checks events, and keeps those that are good as outliers. */
  async #store(
    head: RoomHead,
    waiting: readonly WaitingEvent[],
  ): Promise<{ leftOut: LeftOutEvent[]; done: WaitingEvent[]; still: WaitingEvent[] }> {
    const { checker, outliers } = this.#parts;
    const items = waiting.map(({ json }): JsonValue => {
      const parsed = parseJson(json);
      return parsed.ok ? parsed.value : null;
    });
    const examined = await checker.examine(head.version, head.roomId, items);
    const good = examined.flatMap((each): CheckedPdu[] => (each.ok ? [each.pdu] : []));
    const known = await outliers.store(head, good);
    const result = { leftOut: [] as LeftOutEvent[], done: [] as WaitingEvent[], still: [] as WaitingEvent[] };
    for (const [i, each] of waiting.entries()) {
      const verdict = examined[i];
      const event = verdict?.ok ? known.get(verdict.pdu.eventId) : undefined;
      if (event) {
        result.done.push(each);
        if (event.isState && !event.isRejected && event.room === head.room)
          result.leftOut.push({ event, toldAfter: each.toldAfter });
      } else if (verdict?.ok) result.still.push({ ...each, server: '' });
      else if (verdict?.lacksKeysOf !== undefined) result.still.push({ ...each, server: verdict.lacksKeysOf });
      else result.done.push(each);
    }
    return result;
  }
}
