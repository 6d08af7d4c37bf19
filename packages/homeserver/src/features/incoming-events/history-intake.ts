import { MatrixError } from '@myelin/api';
import type { Log } from '../../observability/log.ts';
import { eventStatus, type StoredEvent } from '../events/index.ts';
import type { StateResolver } from '../state-resolution/index.ts';
import type { EventPlacer, HistoryGaps, RoomHead, Timeline } from '../timeline/index.ts';
import { asRefusal, type EventReceiver } from './placing/event-receiver.ts';
import { FetchBudget } from './fetching/fetch-budget.ts';
import type { CheckedPdu } from './incoming-events.ts';
import type { StateMender } from './mending/state-mender.ts';
import { checkNumber, judgedAndWritten } from './placing/came-another-way.ts';
import type { JudgedEvent } from './placing/judged-event.ts';
import { inGraphOrder } from './prev-events.ts';
import type { Events } from '../events/index.ts';

export interface HistoryIntakeParts {
  readonly events: Events;
  readonly timeline: Timeline;
  readonly placer: EventPlacer;
  readonly resolver: StateResolver;
  readonly gaps: HistoryGaps;
  readonly receiver: EventReceiver;
  readonly mender: Pick<StateMender, 'come'>;
  readonly log: Log;
}

/** What one page of history may make us fetch. */
const budgetOfPage = { events: 20_000, states: 10 };

/** Stores events that are older than those we have. */
export class HistoryIntake {
  readonly #parts: HistoryIntakeParts;

  constructor(parts: HistoryIntakeParts) {
    this.#parts = parts;
  }

  /** Those that may be shown, oldest first. What can't be placed is left out. */
  async store(origin: string, head: RoomHead, pdus: readonly CheckedPdu[]): Promise<StoredEvent[]> {
    const { receiver, log } = this.#parts;
    const budget = new FetchBudget(budgetOfPage);
    const stored: StoredEvent[] = [];
    for (const pdu of inGraphOrder(head, pdus)) {
      try {
        if (pdu.pdu.type === 'm.room.create' && pdu.pdu.prev_events.length === 0) {
          const event = await this.#create(head, pdu);
          if (event) stored.push(event);
          continue;
        }
        if (await receiver.known(pdu)) continue;
        const event = await this.place(origin, head, pdu, budget);
        if (event.isShown) stored.push(event);
      } catch (error) {
        const refusal = asRefusal(error);
        if (!(refusal instanceof MatrixError)) throw error;
        log.info({ room: head.roomId, event: pdu.eventId, reason: refusal.message }, 'event of history left out');
      }
    }
    return stored;
  }

  /** Judges one event and stores it, shown or refused. */
  async place(origin: string, head: RoomHead, pdu: CheckedPdu, budget: FetchBudget): Promise<StoredEvent> {
    return judgedAndWritten(
      () => this.#parts.receiver.judge(origin, head, pdu, budget),
      (judged) => this.#write(head, judged),
    );
  }

  async #write(head: RoomHead, judged: JudgedEvent): Promise<StoredEvent> {
    const { timeline, placer, resolver, gaps, events, receiver, mender } = this.#parts;
    const { nid, unplaced, authEvents, outlier, place, refusal } = judged;
    const isFoundOut = await receiver.noteHistory(judged);
    let fills = false;
    const placed = await timeline.write(head.room, async (writer, now) => {
      const since = await events.find(unplaced.eventId, writer);
      if (since && !since.isOutlier) return since;
      checkNumber(since, judged);
      const stateBefore = await resolver.store(writer, place.stateBefore);
      let event: StoredEvent;
      if (refusal) {
        const status = eventStatus.rejected;
        event = await placer.aside(
          writer,
          nid,
          unplaced,
          authEvents,
          { stateBefore, stateAfter: stateBefore, status },
          outlier,
        );
        await events.noteRefusal(writer, nid, refusal);
      } else {
        const stateAfter = await placer.stateAfter(writer, stateBefore, nid, unplaced);
        event = await placer.history(writer, now, nid, unplaced, authEvents, { stateBefore, stateAfter }, outlier);
      }
      fills = await gaps.fill(writer, head.room, unplaced.eventId);
      await gaps.add(writer, event, place.missing);
      await receiver.notePartial(writer, judged);
      return event;
    });
    if (fills) await mender.come(placed, isFoundOut);
    return placed;
  }

  /** The room's first event, which is here as an outlier since this server came in. */
  async #create(head: RoomHead, pdu: CheckedPdu): Promise<StoredEvent | undefined> {
    const { timeline, placer, gaps, events, mender } = this.#parts;
    let fills = false;
    const first = await timeline.write(head.room, async (writer, now) => {
      const outlier = await events.find(pdu.eventId, writer);
      if (!outlier?.isOutlier || outlier.isRejected || outlier.room !== head.room) return undefined;
      const stateBefore = outlier.fields.stateBefore;
      const stateAfter = await placer.stateAfter(writer, stateBefore, outlier.nid, outlier.fields);
      const states = { stateBefore, stateAfter };
      const event = await placer.history(writer, now, outlier.nid, outlier.fields, [], states, outlier);
      fills = await gaps.fill(writer, head.room, pdu.eventId);
      return event;
    });
    if (first && fills) await mender.come(first, true);
    return first;
  }
}
