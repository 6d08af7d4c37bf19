import { isJsonObject } from '@myelin/protocol';
import type { ClientEvents } from '../client-events/index.ts';
import type { Events, StoredEvent } from '../events/index.ts';
import type { DeviceNid, EventNid, UserNid } from '../names/index.ts';
import type { RelationStore } from './relation-store.ts';

/** Whom a user ignores. Implemented by `features/account-data`. */
export interface IgnoredUsers {
  ignored(user: UserNid): Promise<ReadonlySet<UserNid>>;
}

/** Relations that are told with an event: its newest edit, its thread, its references. Client-Server API §"Server-side aggregation of child events". */
export class BundledRelations {
  readonly #store: RelationStore;
  readonly #events: Events;
  readonly #clientEvents: ClientEvents;
  readonly #ignoredUsers: IgnoredUsers;

  constructor(store: RelationStore, events: Events, clientEvents: ClientEvents, ignoredUsers: IgnoredUsers) {
    this.#store = store;
    this.#events = events;
    this.#clientEvents = clientEvents;
    this.#ignoredUsers = ignoredUsers;
  }

  /** By event, the JSON text of `unsigned["m.relations"]`; only events that have some. */
  async bundles(events: readonly StoredEvent[], user: UserNid, device: DeviceNid | undefined): Promise<ReadonlyMap<EventNid, string>> {
    const candidates = events.filter((event) => !event.isState && event.fields.redactedBy === undefined);
    if (candidates.length === 0) return new Map();
    const parents = await this.#store.parentsAmong(candidates.map((event) => event.eventId));
    if (parents.length === 0) return new Map();
    const kinds = new Map<string, Set<string>>();
    for (const { parent, relType } of parents) kinds.set(parent, (kinds.get(parent) ?? new Set()).add(relType));
    const out = new Map<EventNid, string>();
    for (const event of candidates) {
      const types = kinds.get(event.eventId);
      if (!types) continue;
      const parts: string[] = [];
      if (types.has('m.replace')) parts.push(...(await this.#edit(event, user, device)));
      if (types.has('m.thread')) parts.push(...(await this.#thread(event, user, device)));
      if (types.has('m.reference')) parts.push(...(await this.#references(event)));
      if (parts.length > 0) out.set(event.nid, `{${parts.join(',')}}`);
    }
    return out;
  }

  /** The newest valid edit: by time, then by id. Client-Server API §"Validity of replacement events". */
  async #edit(event: StoredEvent, user: UserNid, device: DeviceNid | undefined): Promise<string[]> {
    const edit = await this.newestEdit(event);
    if (!edit) return [];
    return [`"m.replace":${await this.#clientEvents.formatOne(edit, { user, device, withRoomId: true })}`];
  }

  async newestEdit(event: StoredEvent): Promise<StoredEvent | undefined> {
    const relatesTo = event.content['m.relates_to'];
    if (isJsonObject(relatesTo) && relatesTo['rel_type'] === 'm.replace') return undefined;
    const nids = await this.#store.edits(event.eventId, event.senderNid, event.type);
    const edits = [...(await this.#events.getMany(nids)).values()].filter(
      (edit) => edit.room === event.room && (edit.type === 'm.room.encrypted' || isJsonObject(edit.content['m.new_content'])),
    );
    return edits.toSorted((a, b) => b.fields.originServerTs - a.fields.originServerTs || (a.eventId < b.eventId ? 1 : -1))[0];
  }

  async #thread(event: StoredEvent, user: UserNid, device: DeviceNid | undefined): Promise<string[]> {
    const ignored = await this.#ignoredUsers.ignored(user);
    const thread = await this.#store.thread(event.eventId, user, ignored);
    if (!thread) return [];
    const latest = await this.#events.get(thread.latest);
    const edit = await this.#edit(latest, user, device);
    const relations = edit.length > 0 ? new Map([[latest.nid, `{${edit[0]}}`]]) : undefined;
    const text = await this.#clientEvents.formatOne(latest, { user, device, withRoomId: true, ...(relations ? { relations } : {}) });
    const participated = thread.participated || event.senderNid === user;
    return [`"m.thread":{"latest_event":${text},"count":${thread.count},"current_user_participated":${participated}}`];
  }

  async #references(event: StoredEvent): Promise<string[]> {
    const nids = await this.#store.references(event.eventId);
    if (nids.length === 0) return [];
    const children = await this.#events.getMany(nids);
    const chunk = [...children.values()].map((child) => ({ event_id: child.eventId }));
    return [`"m.reference":{"chunk":${JSON.stringify(chunk)}}`];
  }
}
