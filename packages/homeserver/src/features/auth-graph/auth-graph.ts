import type { Database, Reader, Writer } from '@myelin/database';
import { authEventIds, referencedId, type RoomVersion } from '@myelin/protocol';
import { boundedCache } from '../../caches/index.ts';
import type { Events, StoredEvent } from '../events/index.ts';
import type { EventNid, StateKeyNid } from '../names/index.ts';
import { AuthChains } from './auth-chains.ts';
import { ChainWriter, type NewEdges } from './chain-writer.ts';

/**
 * The graph of auth events, by numbers. An event is stored after its auth events always, so an event's number is larger
 * than those of its whole auth chain: there are no circles, and walks go down by number. In room version 12 the create
 * event, which the room id stands for, isn't among the auth events here either.
 */
export class AuthGraph {
  readonly #database: Database;
  readonly #events: Events;
  readonly #authEvents = boundedCache<EventNid, readonly EventNid[]>(200_000);
  /** Which event leads to which. */
  readonly chains: AuthChains;
  readonly #writer: ChainWriter;

  constructor(database: Database, events: Events) {
    this.#database = database;
    this.#events = events;
    this.chains = new AuthChains(database);
    this.#writer = new ChainWriter(this.chains, (nids, reader) => this.#readAuthEvents(nids, reader, namedIn));
  }

  /** Notes the auth events of a state event that is stored in this transaction and wasn't rejected; `isNew`: it wasn't stored before. */
  async add(
    writer: Writer,
    { nid, fields }: StoredEvent,
    authEvents: readonly EventNid[],
    isNew: boolean,
  ): Promise<void> {
    await this.addMany(writer, [{ event: nid, stateKey: fields.stateKeyNid as StateKeyNid, authEvents, isNew }]);
  }

  async addMany(writer: Writer, events: readonly NewEdges[]): Promise<void> {
    if (events.length > 0) await this.#writer.add(writer, events);
  }

  /** What an event names as its auth events, if that is in memory. */
  cachedAuthEventsOf(nid: EventNid): readonly EventNid[] | undefined {
    return this.#authEvents.get(nid);
  }

  /** What these events name as their auth events, as far as it is known. */
  async authEventsOf(
    nids: readonly EventNid[],
    version: RoomVersion,
    reader: Reader = this.#database.reader,
  ): Promise<Map<EventNid, readonly EventNid[]>> {
    const found = new Map<EventNid, readonly EventNid[]>();
    const missing: EventNid[] = [];
    for (const nid of nids) {
      const cached = this.#authEvents.get(nid);
      if (cached) found.set(nid, cached);
      else missing.push(nid);
    }
    if (missing.length === 0) return found;
    for (const [nid, auths] of await this.#readAuthEvents(missing, reader, (event) => idsOf(event, version))) {
      found.set(nid, auths);
      this.#authEvents.set(nid, auths);
    }
    return found;
  }

  async #readAuthEvents(
    nids: readonly EventNid[],
    reader: Reader,
    namedBy: (event: StoredEvent) => readonly string[],
  ): Promise<Map<EventNid, readonly EventNid[]>> {
    const named = new Map<EventNid, readonly string[]>();
    for (const [nid, event] of await this.#events.getMany(nids, reader)) named.set(nid, namedBy(event));
    const known = await this.#events.findNids([...named.values()].flat(), reader);
    const found = new Map<EventNid, readonly EventNid[]>();
    for (const [nid, ids] of named)
      found.set(
        nid,
        ids.flatMap((id) => known.get(id) ?? []).filter((auth) => auth < nid),
      );
    return found;
  }
}

/** The ids of the auth events of a checked event, of whatever room version: the first two have them in pairs with hashes. */
function namedIn({ unredactedPdu }: StoredEvent): readonly string[] {
  return unredactedPdu.auth_events.map(referencedId);
}

function idsOf(event: StoredEvent, version: RoomVersion): readonly string[] {
  return authEventIds(event.unredactedPdu, version);
}
