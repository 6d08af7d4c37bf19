import { getOwn, type JsonObject } from '../json/value.ts';
import { objectOf, StringFilter, stringsOf } from './string-filter.ts';

/** Events for a page or a room's timeline where the filter doesn't say: Synapse's default, which clients know. */
export const defaultFilterLimit = 10;

/** An event that relates to the filtered one. */
export interface RelationFact {
  readonly relType: string;
  readonly sender: string;
}

/** Where the parts of an event come from that cost something; they are asked only if the filter needs them. */
export interface FilteredEvent {
  readonly type: string;
  /** undefined: the event has none (ephemeral events, account data). */
  readonly sender?: string | undefined;
  readonly roomId?: string | undefined;
  /** undefined: the content isn't an object. */
  content?(): JsonObject | undefined;
  /** The events that relate to this one. */
  relations?(): Iterable<RelationFact>;
}

/**
 * A compiled EventFilter or RoomEventFilter (Client-Server API, "Filtering"): which events pass, and what comes with
 * them. Compile once, ask often.
 */
export class EventFilter {
  readonly types: StringFilter;
  readonly senders: StringFilter;
  readonly rooms: StringFilter;
  /** Events at most, already within the server's maximum. May be 0. */
  readonly limit: number;
  readonly lazyLoadMembers: boolean;
  readonly includeRedundantMembers: boolean;
  readonly unreadThreadNotifications: boolean;
  readonly #containsUrl: boolean | undefined;
  readonly #labels: StringFilter;
  readonly #relatedBySenders: ReadonlySet<string> | undefined;
  readonly #relatedByRelTypes: ReadonlySet<string> | undefined;

  constructor(filter: JsonObject, maxLimit: number) {
    const list = (name: string): string[] | undefined => stringsOf(getOwn(filter, name));
    this.types = new StringFilter(list('types'), list('not_types') ?? [], true);
    this.senders = new StringFilter(list('senders'), list('not_senders') ?? []);
    this.rooms = new StringFilter(list('rooms'), list('not_rooms') ?? []);
    this.#labels = new StringFilter(list('org.matrix.labels'), list('org.matrix.not_labels') ?? []);
    const limit = getOwn(filter, 'limit');
    this.limit = Math.min(typeof limit === 'number' ? limit : defaultFilterLimit, maxLimit);
    this.lazyLoadMembers = filter['lazy_load_members'] === true;
    this.includeRedundantMembers = filter['include_redundant_members'] === true;
    this.unreadThreadNotifications = filter['unread_thread_notifications'] === true;
    const containsUrl = filter['contains_url'];
    this.#containsUrl = typeof containsUrl === 'boolean' ? containsUrl : undefined;
    this.#relatedBySenders = setUnlessEmpty(list('related_by_senders'));
    this.#relatedByRelTypes = setUnlessEmpty(list('related_by_rel_types'));
  }

  get allowsNothing(): boolean {
    return this.types.allowsNothing || this.senders.allowsNothing || this.rooms.allowsNothing;
  }

  get allowsEverything(): boolean {
    return (
      this.types.allowsEverything &&
      this.senders.allowsEverything &&
      this.rooms.allowsEverything &&
      !this.needsContent &&
      !this.needsRelations
    );
  }

  /** Whether `content` is asked for. */
  get needsContent(): boolean {
    return this.#containsUrl !== undefined || !this.#labels.allowsEverything;
  }

  /** Whether `relations` is asked for. */
  get needsRelations(): boolean {
    return this.#relatedBySenders !== undefined || this.#relatedByRelTypes !== undefined;
  }

  allows(event: FilteredEvent): boolean {
    if (!this.types.allows(event.type)) return false;
    if (!this.senders.allowsEverything && !this.senders.allows(event.sender ?? '')) return false;
    if (!this.rooms.allowsEverything && !this.rooms.allows(event.roomId ?? '')) return false;
    if (this.needsContent && !this.allowsContent(event.content?.())) return false;
    return !this.needsRelations || this.allowsRelations(event.relations?.() ?? []);
  }

  allowsContent(content: JsonObject | undefined): boolean {
    const known = content ?? {};
    if (this.#containsUrl !== undefined && Object.hasOwn(known, 'url') !== this.#containsUrl) return false;
    return this.#labels.allowsEverything || this.#allowsLabels(stringsOf(getOwn(known, 'org.matrix.labels')) ?? []);
  }

  /** Whether one event at least relates to the event in a way that the filter names. */
  allowsRelations(relations: Iterable<RelationFact>): boolean {
    if (!this.needsRelations) return true;
    for (const { relType, sender } of relations) {
      if (this.#relatedByRelTypes && !this.#relatedByRelTypes.has(relType)) continue;
      if (this.#relatedBySenders && !this.#relatedBySenders.has(sender)) continue;
      return true;
    }
    return false;
  }

  #allowsLabels(labels: readonly string[]): boolean {
    if (labels.some((label) => this.#labels.excluded.has(label))) return false;
    const { included } = this.#labels;
    return included === undefined || labels.some((label) => included.has(label));
  }
}

function setUnlessEmpty(entries: string[] | undefined): ReadonlySet<string> | undefined {
  return entries && entries.length > 0 ? new Set(entries) : undefined;
}

/** Compiles a RoomEventFilter that passed faultOfRoomEventFilter. `maxLimit` is the server's greatest page. */
export function compileRoomEventFilter(filter: JsonObject | undefined, maxLimit: number): EventFilter {
  return new EventFilter(objectOf(filter), maxLimit);
}
