import type { Events, StoredEvent } from '../events/index.ts';
import type { EventNid } from '../names/index.ts';
import { relationOf } from '../relations/index.ts';

/** What is kept of relations between events. Implemented by `features/relations`. */
export interface KnownRelations {
  /** Which events relate to these, and how. */
  parentsAmong(eventIds: readonly string[]): Promise<{ parent: string; relType: string }[]>;
  /** What an event related to when it was sent: redacted ones don't say it any more. */
  relationOf(child: EventNid): Promise<Parent | undefined>;
}

interface Parent {
  readonly parent: string;
  readonly relType: string;
}

/** Relations that are followed upwards at most. Client-Server API §"Threaded read receipts". */
const mostHops = 3;

/** What the main timeline is called where threads are named. */
export const mainThread = 'main';

/** Which thread an event belongs to. */
export class EventThreads {
  readonly #events: Events;
  readonly #relations: KnownRelations;

  constructor(events: Events, relations: KnownRelations) {
    this.#events = events;
    this.#relations = relations;
  }

  /** The event id of the thread's root, or `main`. */
  async threadOf(event: StoredEvent): Promise<string> {
    let current: StoredEvent | undefined = event;
    for (let hop = 0; current && hop <= mostHops; hop++) {
      const relation = await this.#relationOf(current);
      if (!relation) break;
      if (relation.relType === 'm.thread') return relation.parent;
      current = await this.#events.findInRoom(event.room, relation.parent);
    }
    return mainThread;
  }

  /**
   * Whether a receipt for the event may name the thread. That holds for the events of a thread, its root, and whatever
   * relates to the root; for `main`, for all that are in no thread.
   */
  async isReceiptFor(event: StoredEvent, thread: string): Promise<boolean> {
    if (thread === mainThread) return (await this.threadOf(event)) === mainThread;
    let top = event.eventId;
    let current: StoredEvent | undefined = event;
    for (let hop = 0; current && hop <= mostHops; hop++) {
      const relation = await this.#relationOf(current);
      if (!relation) break;
      top = relation.parent;
      current = await this.#events.findInRoom(event.room, relation.parent);
    }
    if (top !== thread) return false;
    return (await this.#relations.parentsAmong([top])).some(({ relType }) => relType === 'm.thread');
  }

  async #relationOf(event: StoredEvent): Promise<Parent | undefined> {
    if (event.isState) return undefined;
    if (event.fields.redactedBy !== undefined) return this.#relations.relationOf(event.nid);
    // Most events relate to nothing: the text is looked at before it is parsed.
    return event.contentText.includes('"m.relates_to"') ? relationOf(event.content) : undefined;
  }
}
