import type { EventFilter, RelationFact } from '@myelin/protocol';
import type { StoredEvent } from '../events/index.ts';
import type { Names, RoomNid, UserNid } from '../names/index.ts';

/** How events are related to, and by whom. Implemented by `features/relations`. */
export interface RelationLookup {
  /** `until`: only by events up to this position. */
  relationsTo(
    room: RoomNid,
    eventIds: readonly string[],
    until: number | undefined,
  ): Promise<readonly { parent: string; relType: string; sender: UserNid }[]>;
}

/** A room's events that pass a filter, `related_by_rel_types` and `related_by_senders` included. Client-Server API §"Filtering". */
export class RoomEventSieve {
  readonly #filter: EventFilter;
  readonly #names: Names;
  readonly #relations: RelationLookup;
  readonly #until: number | undefined;

  /** `until`: for readers who have left the room, the position of their leaving. */
  constructor(filter: EventFilter, names: Names, relations: RelationLookup, until: number | undefined) {
    this.#filter = filter;
    this.#names = names;
    this.#relations = relations;
    this.#until = until;
  }

  /** The events that pass, in their order. All are of one room. */
  async sift(events: readonly StoredEvent[]): Promise<StoredEvent[]> {
    const related = await this.#relationsTo(events);
    return events.filter((event) =>
      this.#filter.allows({
        type: event.type,
        sender: event.sender,
        roomId: event.roomId,
        content: () => event.content,
        relations: () => related.get(event.eventId) ?? [],
      }),
    );
  }

  async #relationsTo(events: readonly StoredEvent[]): Promise<ReadonlyMap<string, RelationFact[]>> {
    const byParent = new Map<string, RelationFact[]>();
    const [first] = events;
    if (!first || !this.#filter.needsRelations) return byParent;
    const facts = await this.#relations.relationsTo(
      first.room,
      events.map((event) => event.eventId),
      this.#until,
    );
    const senders = await this.#names.userIds(new Set(facts.map((fact) => fact.sender)));
    for (const { parent, relType, sender } of facts) {
      const fact = { relType, sender: senders.get(sender) ?? '' };
      const known = byParent.get(parent);
      if (known) known.push(fact);
      else byParent.set(parent, [fact]);
    }
    return byParent;
  }
}
