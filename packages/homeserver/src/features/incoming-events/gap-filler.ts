import { MatrixError } from '@myelin/api';
import { prevEventIds } from '@myelin/protocol';
import type { Log } from '../../observability/log.ts';
import type { HistoryGaps, RoomHead } from '../timeline/index.ts';
import { asRefusal, type EventReceiver, type Received } from './placing/event-receiver.ts';
import { FetchBudget } from './fetching/fetch-budget.ts';
import type { HistoryIntake } from './history-intake.ts';
import type { CheckedPdu } from './incoming-events.ts';
import { inGraphOrder } from './prev-events.ts';
import type { RoomFetcher } from './fetching/room-fetcher.ts';
import type { StatesBefore } from './placing/states-before.ts';

export interface GapFillerParts {
  readonly log: Log;
  readonly historyGaps: HistoryGaps;
  readonly fetcher: RoomFetcher;
  readonly statesBefore: StatesBefore;
  readonly receiver: EventReceiver;
  readonly history: HistoryIntake;
  /** Judges an event and gives it its place as the newest, though it may wait with ending its room. */
  readonly take: (origin: string, head: RoomHead, pdu: CheckedPdu, budget: FetchBudget) => Promise<Received>;
}

/** So many events before one are asked for each by itself: an event may name no more. */
const mostPrevious = 20;

/** Who is asked for what lies between the ends of a room and events that came. */
interface Filling {
  readonly origin: string;
  readonly head: RoomHead;
  /** The ids of the ends. */
  readonly earliest: readonly string[];
  /** How deep this server's last coming into the room is. */
  readonly floor: number;
  readonly budget: FetchBudget;
}

/** Gets what lies between the events that are here and one that came. */
export class GapFiller {
  readonly #parts: GapFillerParts;

  constructor(parts: GapFillerParts) {
    this.#parts = parts;
  }

  /** Gets the events before one that came, as far as the server tells, and takes them in. */
  async fill(origin: string, head: RoomHead, pdu: CheckedPdu): Promise<void> {
    const { missing } = await this.#parts.statesBefore.previous(head, pdu);
    if (missing.length === 0) return;
    const filling = await this.#filling(origin, head);
    const told = await this.#missingBefore(filling, [pdu.eventId]);
    await this.#takeBefore(filling, ancestorsAmong(head, pdu, told));
    // Beside those that are here there may be some that are older than this server's coming into the room: servers don't
    // tell them as missing, but may be asked for them.
    const { found, missing: still } = await this.#parts.statesBefore.previous(head, pdu);
    if (found.length === 0) return this.#takeEarlier(filling, pdu);
    const untold = still.filter((id) => !told.some((each) => each.eventId === id)).slice(0, mostPrevious);
    if (untold.length === 0) return;
    filling.budget.takeEvents(untold.length);
    const asked = await this.#parts.fetcher.events(origin, head, untold);
    const behind = await this.#behind(filling, asked);
    filling.budget.takeEvents(behind.length);
    await this.#takeBefore(filling, [...behind, ...asked]);
  }

  /**
   * Asks a server that sends an event for what others haven't told of what is before the room's newest events. Taken is what follows
   * events that are here.
   */
  async close(origin: string, head: RoomHead, { eventId: come }: CheckedPdu): Promise<void> {
    const { fetcher, receiver, statesBefore } = this.#parts;
    const { toldGaps } = receiver;
    const lacking = toldGaps.lacking(head.room);
    if (lacking.length > 0) toldGaps.foundLacking(head.room, await statesBefore.placedOf(lacking));
    const eventIds = toldGaps.toAsk(head.room, origin, come);
    if (eventIds.length === 0) return;
    const filling = await this.#filling(origin, head);
    const asked = await fetcher.events(origin, head, eventIds);
    const behind = await this.#behind(filling, asked);
    await this.#takeRooted(filling, [...behind, ...asked]);
    await this.#noteLacking(filling, asked, behind);
  }

  /** Remembers what is missing before events that were told, and what the server would tell of what is behind them. */
  async #noteLacking({ head, origin }: Filling, asked: readonly CheckedPdu[], behind: readonly CheckedPdu[]) {
    const { receiver, statesBefore } = this.#parts;
    const told = new Set([...behind, ...asked].map(({ eventId }) => eventId));
    for (const pdu of asked) {
      const lacking = new Set<string>();
      for (const each of [...behind, pdu])
        for (const id of (await statesBefore.previous(head, each)).missing) if (!told.has(id)) lacking.add(id);
      if (lacking.size > 0) receiver.toldGaps.noteLacking(head.room, pdu.eventId, origin, [...lacking]);
    }
  }

  async #filling(origin: string, head: RoomHead): Promise<Filling> {
    const earliest = head.extremities.map((event) => event.eventId);
    const floor = await this.#parts.historyGaps.entryDepth(head.room);
    return { origin, head, earliest, floor, budget: FetchBudget.ofEvent() };
  }

  #missingBefore({ origin, head, earliest, floor }: Filling, latest: readonly string[]): Promise<CheckedPdu[]> {
    return this.#parts.fetcher.missingBefore(origin, head, latest, earliest, floor);
  }

  /** What comes before events that weren't told: who made one may have given it a depth that is no place behind those before it. */
  async #behind(filling: Filling, asked: readonly CheckedPdu[]): Promise<CheckedPdu[]> {
    const { head } = filling;
    const open: CheckedPdu[] = [];
    for (const pdu of asked)
      if ((await this.#parts.statesBefore.previous(head, pdu)).missing.length > 0) open.push(pdu);
    if (open.length === 0) return [];
    const latest = open.map(({ eventId }) => eventId);
    const told = await this.#missingBefore(filling, latest);
    return [...new Set(open.flatMap((pdu) => ancestorsAmong(head, pdu, told)))];
  }

  /**
   * What is before an event may lie behind this server's last coming into the room, and follow what came while it was there before:
   * as it may be by which it was made to leave. It is taken if nobody needs to tell the state there.
   */
  async #takeEarlier(filling: Filling, pdu: CheckedPdu): Promise<void> {
    if (filling.floor <= 0) return;
    const told = await this.#missingBefore({ ...filling, floor: 0 }, [pdu.eventId]);
    filling.budget.takeEvents(told.length);
    await this.#takeRooted(filling, ancestorsAmong(filling.head, pdu, told));
  }

  /** Takes in those of some events that follow what is here, and nothing that isn't. */
  async #takeRooted(filling: Filling, events: readonly CheckedPdu[]): Promise<void> {
    const { head } = filling;
    for (const each of inGraphOrder(head, events)) {
      const { found, missing } = await this.#parts.statesBefore.previous(head, each);
      if (found.length > 0 && missing.length === 0) await this.#takeBefore(filling, [each]);
    }
  }

  /** Takes in events that come before another one; what is wrong with one stops no other. */
  async #takeBefore({ origin, head, floor, budget }: Filling, events: readonly CheckedPdu[]): Promise<void> {
    for (const before of inGraphOrder(head, events)) {
      if (await this.#parts.receiver.known(before)) continue;
      try {
        // What is older than this server's coming into the room is history, and ends nothing.
        if (before.pdu.depth < floor) await this.#parts.history.place(origin, head, before, budget);
        else await this.#parts.take(origin, head, before, budget);
      } catch (error) {
        if (!(asRefusal(error) instanceof MatrixError)) throw error;
        const { message } = asRefusal(error) as MatrixError;
        this.#parts.log.info({ room: head.roomId, event: before.eventId, reason: message }, 'event left out');
      }
    }
  }
}

/** Those that really come before an event. */
function ancestorsAmong({ version }: RoomHead, pdu: CheckedPdu, told: readonly CheckedPdu[]): CheckedPdu[] {
  const byId = new Map(told.map((each) => [each.eventId, each]));
  const found = new Set<CheckedPdu>([pdu]);
  // Items added to a Set while it is iterated over are visited too.
  for (const each of found) {
    for (const id of prevEventIds(each.pdu, version)) {
      const before = byId.get(id);
      if (before) found.add(before);
    }
  }
  found.delete(pdu);
  return [...found];
}
