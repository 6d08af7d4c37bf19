import {
  authEventIds,
  authStateOf,
  checkAuthEventChoice,
  checkEventAuth,
  createEventIdOfRoom,
  prevEventIds,
  resolveStateSets,
  stateMapKey,
  type EventWithId,
  type Pdu,
  type RoomVersion,
} from '@myelin/protocol';
import { plainRefusal, type PlainState } from './plain-rules.ts';

type State = ReadonlyMap<string, string>;

interface Judged extends EventWithId {
  readonly stateAfter: State;
}

/**
 * What the rules say of each event of a room, by the plain algorithm: whole states, resolved as a whole, over all events
 * that anybody has. Nothing of how a server does it is used, but the protocol's pure functions.
 */
export class RoomOracle {
  readonly #version: RoomVersion;
  readonly #roomId: string;
  readonly #events: ReadonlyMap<string, Pdu>;
  /** Undefined: it can't be told, since something before the event is known to nobody. */
  readonly #judged = new Map<string, Judged | undefined>();
  readonly #resolved = new Map<string, State>();
  readonly #stateNames = new Map<State, number>();

  constructor(version: RoomVersion, roomId: string, events: ReadonlyMap<string, Pdu>) {
    this.#version = version;
    this.#roomId = roomId;
    this.#events = events;
    for (const eventId of events.keys()) this.#judge(eventId);
  }

  /** How many sets of states that differed were resolved. */
  get resolutions(): number {
    return this.#resolved.size;
  }

  /** Whether the rules refuse the event at its place; undefined if that can't be told. */
  isRejected(eventId: string): boolean | undefined {
    return this.#judged.get(eventId)?.rejected;
  }

  /** Why the rules, as they are written here for a second time, are against an event that was allowed by those of the protocol. */
  wronglyAllowed(): [eventId: string, why: string][] {
    const found: [string, string][] = [];
    for (const [eventId, judged] of this.#judged) {
      if (!judged || judged.rejected) continue;
      const state = this.stateBefore(eventId) as PlainState;
      const why = plainRefusal(judged.pdu, state, this.#version);
      if (why !== undefined) found.push([eventId, why]);
    }
    return found;
  }

  /** The state that an event meets; undefined if that can't be told. */
  stateBefore(eventId: string): PlainState | undefined {
    const pdu = this.#events.get(eventId);
    const before = pdu && this.#stateAfter(prevEventIds(pdu, this.#version));
    return before && ((type, key) => this.#events.get(before.get(stateMapKey(type, key)) ?? ''));
  }

  /** The state after some events, event ids by `type|state_key`; undefined if that can't be told. */
  stateAfter(eventIds: readonly string[]): State | undefined {
    const state = this.#stateAfter(eventIds);
    if (!state) return undefined;
    const named = [...state.values()].map((id): [string, string] => {
      const { type, state_key: stateKey } = this.#events.get(id) as Pdu;
      return [`${type}|${stateKey}`, id];
    });
    return new Map(named);
  }

  #stateAfter(eventIds: readonly string[]): State | undefined {
    const states = new Set<State>();
    for (const id of eventIds) {
      const judged = this.#judged.get(id);
      if (!judged) return undefined;
      states.add(judged.stateAfter);
    }
    const [first = new Map<string, string>(), ...others] = states;
    if (others.length === 0) return first;
    const name = [...states].map((state) => this.#nameOf(state)).toSorted((a, b) => a - b);
    const known = this.#resolved.get(name.join());
    if (known) return known;
    const resolved = resolveStateSets({
      version: this.#version,
      roomId: this.#roomId,
      stateSets: [...states].map((state) => state.values()),
      event: (id) => this.#judged.get(id),
    });
    this.#resolved.set(name.join(), resolved);
    return resolved;
  }

  #nameOf(state: State): number {
    let name = this.#stateNames.get(state);
    if (name === undefined) this.#stateNames.set(state, (name = this.#stateNames.size));
    return name;
  }

  /** Judges an event after all that it names. */
  #judge(eventId: string): void {
    const waiting = [eventId];
    for (let id = waiting.at(-1); id !== undefined; id = waiting.at(-1)) {
      const pdu = this.#events.get(id);
      const open = pdu && !this.#judged.has(id) ? this.#namedBy(pdu).filter((each) => !this.#judged.has(each)) : [];
      if (open.length > 0 && !open.some((each) => waiting.includes(each))) {
        waiting.push(...open);
        continue;
      }
      waiting.pop();
      if (this.#judged.has(id)) continue;
      this.#judged.set(id, pdu && open.length === 0 ? this.#verdict(id, pdu) : undefined);
    }
  }

  #namedBy(pdu: Pdu): string[] {
    return [...new Set([...this.#authIds(pdu), ...prevEventIds(pdu, this.#version)])];
  }

  #authIds(pdu: Pdu): string[] {
    const ids = authEventIds(pdu, this.#version);
    const isImplied = this.#version.roomIdIsCreateEventId && pdu.type !== 'm.room.create';
    return isImplied ? [...new Set([...ids, createEventIdOfRoom(this.#roomId)])] : ids;
  }

  #verdict(eventId: string, pdu: Pdu): Judged | undefined {
    const version = this.#version;
    const before = this.#stateAfter(prevEventIds(pdu, version));
    const authEvents = this.#authIds(pdu).map((id) => this.#judged.get(id));
    if (!before || authEvents.includes(undefined)) return undefined;
    const cited = authEvents as Judged[];
    const stateBefore = [...before.values()].map((id) => this.#judged.get(id) as Judged);
    const isAllowed =
      checkAuthEventChoice(pdu, cited, version).allowed &&
      checkEventAuth(pdu, authStateOf(cited), version).allowed &&
      checkEventAuth(pdu, authStateOf(stateBefore), version).allowed;
    const stateAfter =
      isAllowed && pdu.state_key !== undefined
        ? new Map(before).set(stateMapKey(pdu.type, pdu.state_key), eventId)
        : before;
    return { eventId, pdu, rejected: !isAllowed, stateAfter };
  }
}
