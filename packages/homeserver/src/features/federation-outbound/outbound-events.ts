import type { Writer } from '@myelin/database';
import { parseUserId } from '@myelin/protocol';
import type { StoredEvent } from '../events/index.ts';
import { memberOfKey } from '../names/index.ts';
import type { JoinedServers } from '../room-servers/index.ts';
import type { EventContext, EventProjection, StateKeyChange } from '../timeline/index.ts';
import type { FederationOutbound } from './federation-outbound.ts';
import type { Introductions } from './introductions.ts';
import type { OutboundMetrics } from './outbound-metrics.ts';
import type { OutboundStore } from './outbound-store.ts';

export interface OutboundEventsParts {
  readonly serverName: string;
  readonly servers: Pick<JoinedServers, 'isFederated' | 'othersInRoom'>;
  readonly store: OutboundStore;
  readonly outbound: Pick<FederationOutbound, 'offer' | 'offerFleeting'>;
  readonly introductions: Introductions;
  readonly metrics: OutboundMetrics;
}

const none: ReadonlySet<string> = new Set();

/**
 * Which events go to which servers: those of local users, and memberships that this server was asked to take, to all
 * servers that are in the room before or after them. What the transaction of an event stores doesn't grow with the servers in the room.
 */
export class OutboundEvents implements EventProjection {
  readonly #parts: OutboundEventsParts;
  readonly #localSuffix: string;

  constructor(parts: OutboundEventsParts) {
    this.#parts = parts;
    this.#localSuffix = `:${parts.serverName}`;
  }

  async apply(writer: Writer, event: StoredEvent, context: EventContext): Promise<void> {
    const { way, changes } = context;
    const isFederated = this.#parts.servers.isFederated(event.room);
    if (!isFederated && changes.length === 0) return;
    if (way === 'received' || way === 'relayed') return this.#passOn(writer, event, context, isFederated);
    if (changes.length > 0) this.#parts.introductions.note(event.room, changes);
    // Joins by which this server enters a room are told to the others by the server that let it in.
    if (way !== 'sent' || event.position === undefined) return;
    const others = isFederated ? await this.#parts.servers.othersInRoom(event.room, writer) : none;
    const parted = this.#parted(changes, others);
    if (others.size > 0 || parted.length > 0) await this.#send(writer, event, event.position, others, parted);
  }

  async #send(
    writer: Writer,
    event: StoredEvent,
    position: number,
    others: ReadonlySet<string>,
    parted: readonly string[],
  ): Promise<void> {
    const { store, outbound, metrics, introductions } = this.#parts;
    if (others.size > 0) await store.putEvent(writer, event.room, position, event.nid);
    if (parted.length > 0) await store.putPartings(writer, parted, event.room, position, [event.nid]);
    const introduction = await introductions.with(event);
    writer.onDurable(() => {
      for (const edu of introduction) outbound.offerFleeting(others, edu);
      metrics.offered(others.size + parted.length);
      const item = { kind: 'event', position, event: event.nid } as const;
      outbound.offer(others, item);
      if (parted.length > 0) outbound.offer(parted, item);
    });
  }

  /** A join, leave or knock that this server was asked to take goes to the others in the room, but not back. */
  async #passOn(writer: Writer, event: StoredEvent, context: EventContext, isFederated: boolean): Promise<void> {
    await this.#tellShutOut(writer, event, context);
    if (context.way !== 'relayed' || !isFederated || event.position === undefined) return;
    const others = new Set(await this.#parts.servers.othersInRoom(event.room, writer));
    others.delete(parseUserId(event.sender)?.serverName ?? '');
    if (others.size > 0) await this.#send(writer, event, event.position, others, []);
  }

  /**
   * A resolution of state may put the last user of a server out of the room, by no event that says so. The servers in the
   * room find that out each for itself; the one that is out hears nothing of the room any more, so it is told the room's
   * newest events, by which it finds out the same.
   */
  async #tellShutOut(writer: Writer, event: StoredEvent, { head, changes }: EventContext): Promise<void> {
    const { servers, store, outbound, metrics } = this.#parts;
    const resolved = changes.filter(
      ({ before, after }) => after?.nid !== event.nid && before?.content['membership'] === 'join',
    );
    if (resolved.length === 0) return;
    const shutOut = this.#parted(resolved, await servers.othersInRoom(event.room, writer));
    if (shutOut.length === 0) return;
    const position = event.position as number;
    const ends = head.extremities.map((end) => end.nid);
    await store.putPartings(writer, shutOut, event.room, position, ends);
    writer.onDurable(() => {
      metrics.offered(shutOut.length * ends.length);
      for (const end of ends) outbound.offer(shutOut, { kind: 'event', position, event: end });
    });
  }

  /** Servers that aren't in the room after the event, and must see it: their user was made to leave it, or asked no more. */
  #parted(changes: readonly StateKeyChange[], others: ReadonlySet<string>): string[] {
    const parted = new Set<string>();
    for (const { key, before, after } of changes) {
      if (!before || memberOfKey(key) === undefined || before.stateKey?.endsWith(this.#localSuffix)) continue;
      const membership = before.content['membership'];
      if (membership !== 'join' && membership !== 'invite' && membership !== 'knock') continue;
      // Invites, also as the answer to a knock, go their own way.
      const now = after?.content['membership'];
      if (now === 'join' || now === 'invite' || now === membership) continue;
      const server = parseUserId(before.stateKey ?? '')?.serverName;
      if (server !== undefined && !others.has(server)) parted.add(server);
    }
    return [...parted];
  }
}
