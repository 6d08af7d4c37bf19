import { isJsonObject } from '@myelin/protocol';
import type { ClientEvents } from '../client-events/index.ts';
import type { Events, StoredEvent } from '../events/index.ts';
import type { DeviceNid, EventNid, RoomNid, UserNid } from '../names/index.ts';
import type { RoomAccess } from '../room-events/index.ts';
import type { EventVisibility, Viewer } from '../visibility/index.ts';
import type { RelationStore } from './relation-store.ts';

/** Whom a user ignores. Implemented by `features/account-data`. */
export interface IgnoredUsers {
  ignored(user: UserNid): Promise<ReadonlySet<UserNid>>;
}

export interface BundledRelationsParts {
  readonly store: RelationStore;
  readonly events: Events;
  readonly clientEvents: ClientEvents;
  readonly access: RoomAccess;
  readonly visibility: EventVisibility;
  readonly ignoredUsers: IgnoredUsers;
}

/** Who is told of relations. */
interface Reader {
  readonly viewer: Viewer;
  readonly device: DeviceNid | undefined;
}

/** So many of the newest replies of a thread are looked at for one that the reader may see. */
const mostReplies = 20;

/** Relations that are told with an event: its newest edit, its thread, its references. Client-Server API §"Aggregations of child events". */
export class BundledRelations {
  readonly #parts: BundledRelationsParts;

  constructor(parts: BundledRelationsParts) {
    this.#parts = parts;
  }

  /** By event, the JSON text of `unsigned["m.relations"]`; only events that have some. Tells nothing that the user may not see. */
  async bundles(
    events: readonly StoredEvent[],
    user: UserNid,
    device: DeviceNid | undefined,
  ): Promise<ReadonlyMap<EventNid, string>> {
    const out = new Map<EventNid, string>();
    const candidates = events.filter((event) => !event.isState);
    if (candidates.length === 0) return out;
    const kinds = await this.#kinds(candidates);
    if (kinds.size === 0) return out;
    const readers = new Map<RoomNid, Reader>();
    for (const event of candidates) {
      const types = kinds.get(event.eventId);
      if (!types) continue;
      let reader = readers.get(event.room);
      if (!reader) readers.set(event.room, (reader = await this.#reader(event.room, user, device)));
      const parts = await this.#partsOf(event, types, reader);
      if (types.has('m.thread')) parts.push(...(await this.#thread(event, reader)));
      if (parts.length > 0) out.set(event.nid, `{${parts.join(',')}}`);
    }
    return out;
  }

  async #reader(room: RoomNid, user: UserNid, device: DeviceNid | undefined): Promise<Reader> {
    const { access, ignoredUsers } = this.#parts;
    return { viewer: await access.viewer(room, user, await ignoredUsers.ignored(user)), device };
  }

  async #kinds(events: readonly StoredEvent[]): Promise<Map<string, Set<string>>> {
    const kinds = new Map<string, Set<string>>();
    for (const { parent, relType } of await this.#parts.store.parentsAmong(events.map((event) => event.eventId))) {
      kinds.set(parent, (kinds.get(parent) ?? new Set()).add(relType));
    }
    return kinds;
  }

  /** All but threads. */
  async #partsOf(event: StoredEvent, types: ReadonlySet<string>, reader: Reader): Promise<string[]> {
    const parts: string[] = [];
    if (types.has('m.replace')) parts.push(...(await this.#edit(event, reader)));
    if (types.has('m.reference')) parts.push(...(await this.#references(event, reader)));
    return parts;
  }

  /** The newest valid edit: by time, then by id. Client-Server API §"Validity of replacement events". */
  async #edit(event: StoredEvent, reader: Reader): Promise<string[]> {
    const { store, events, visibility } = this.#parts;
    if (event.fields.redactedBy !== undefined || isEdit(event)) return [];
    const nids = await store.edits(event, reader.viewer.leftAt);
    const edits = [...(await events.getMany(nids)).values()].filter(
      (edit) => edit.type === 'm.room.encrypted' || isJsonObject(edit.content['m.new_content']),
    );
    edits.sort((a, b) => b.fields.originServerTs - a.fields.originServerTs || (a.eventId < b.eventId ? 1 : -1));
    for (const edit of edits) {
      const seen = await visibility.seen(edit, reader.viewer);
      if (seen) return [`"m.replace":${await this.#format(seen, reader)}`];
    }
    return [];
  }

  async #thread(root: StoredEvent, reader: Reader): Promise<string[]> {
    const { store, events, visibility } = this.#parts;
    const { viewer } = reader;
    const asked = { user: viewer.user, ignored: viewer.ignored ?? new Set<UserNid>(), until: viewer.leftAt };
    const count = await store.threads.count(root.room, root.eventId, asked);
    if (count === 0) return [];
    let latest: StoredEvent | undefined;
    for (let limit = 1; !latest && limit <= mostReplies; limit += mostReplies - 1) {
      const nids = await store.threads.newest(root.room, root.eventId, asked, limit);
      const replies = await events.getMany(nids);
      [latest] = await visibility.filter(
        nids.flatMap((nid) => replies.get(nid) ?? []),
        viewer,
      );
    }
    if (!latest) return [];
    const kinds = (await this.#kinds([latest])).get(latest.eventId);
    const parts = kinds ? await this.#partsOf(latest, kinds, reader) : [];
    const text = await this.#format(
      latest,
      reader,
      parts.length > 0 ? new Map([[latest.nid, `{${parts.join(',')}}`]]) : undefined,
    );
    const participated =
      root.senderNid === viewer.user || (await store.threads.tookPart(root.room, root.eventId, viewer.user));
    return [`"m.thread":{"latest_event":${text},"count":${count},"current_user_participated":${participated}}`];
  }

  async #references(event: StoredEvent, { viewer }: Reader): Promise<string[]> {
    const { store, events, visibility } = this.#parts;
    const nids = await store.references(event, viewer.leftAt);
    const children = await events.getMany(nids);
    const visible = await visibility.filter(
      nids.flatMap((nid) => children.get(nid) ?? []),
      viewer,
    );
    if (visible.length === 0) return [];
    return [`"m.reference":{"chunk":${JSON.stringify(visible.map((child) => ({ event_id: child.eventId })))}}`];
  }

  #format(event: StoredEvent, { viewer, device }: Reader, relations?: ReadonlyMap<EventNid, string>): Promise<string> {
    return this.#parts.clientEvents.formatOne(event, {
      user: viewer.user,
      device,
      withRoomId: true,
      ...(relations ? { relations } : {}),
    });
  }
}

function isEdit(event: StoredEvent): boolean {
  const relatesTo = event.content['m.relates_to'];
  return isJsonObject(relatesTo) && relatesTo['rel_type'] === 'm.replace';
}
