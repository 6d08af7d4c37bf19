import type { Reader } from '@myelin/database';
import {
  authTypesForEvent,
  PowerLevels,
  roomCreators,
  type AuthState,
  type AuthSubject,
  type EventWithId,
  type RoomVersion,
} from '@myelin/protocol';
import { boundedCache } from '../../caches/index.ts';
import { forRules, type StoredEvent } from '../events/index.ts';
import type { StateRoot } from '../state-map/index.ts';
import type { RoomHead } from './room-heads.ts';
import type { RoomStates } from './room-state.ts';

/** What the authorization rules need of a state, read ahead: the rules themselves do no I/O. */
export interface LoadedAuthState {
  readonly state: AuthState;
  readonly levels: PowerLevels;
  /** What `auth_events` of the event shall name. */
  readonly authEvents: readonly StoredEvent[];
}

/** Loads the parts of room states that authorization needs, and keeps parsed power levels. */
export class AuthStates {
  readonly #states: RoomStates;
  readonly #levels = boundedCache<string, PowerLevels>(5_000);

  constructor(states: RoomStates) {
    this.#states = states;
  }

  load(head: Pick<RoomHead, 'version' | 'state'>, event: AuthSubject, reader: Reader): Promise<LoadedAuthState> {
    return this.loadFrom(head.version, (type, key) => this.#states.get(head.state, type, key, reader), event);
  }

  /** As `load`, from a state that `find` reads. */
  async loadFrom(version: RoomVersion, find: FindState, event: AuthSubject): Promise<LoadedAuthState> {
    const create = await find('m.room.create', '');
    const found: StoredEvent[] = [];
    for (const { type, stateKey } of authTypesForEvent(event, version)) {
      const stored = type === 'm.room.create' ? create : await find(type, stateKey);
      if (stored) found.push(stored);
    }
    return this.#loaded(version, create, found);
  }

  /** As `load`, from events that are in memory, of which no two have the same key. */
  among(version: RoomVersion, events: readonly StoredEvent[], event: AuthSubject): LoadedAuthState {
    const create = among(events, 'm.room.create', '');
    const found: StoredEvent[] = [];
    for (const { type, stateKey } of authTypesForEvent(event, version)) {
      const stored = among(events, type, stateKey);
      if (stored) found.push(stored);
    }
    return this.#loaded(version, create, found);
  }

  #loaded(version: RoomVersion, create: StoredEvent | undefined, authEvents: readonly StoredEvent[]): LoadedAuthState {
    // A handful of events: to look through them is quicker than to make keys of their names. What is parsed for the rules is kept.
    const forms: (EventWithId | undefined)[] = [];
    const state: AuthState = {
      get: (type, stateKey) => {
        const at = authEvents.findIndex((event) => event.type === type && event.stateKey === stateKey);
        if (at !== -1) return (forms[at] ??= forRules(authEvents[at] as StoredEvent));
        return type === 'm.room.create' && stateKey === '' ? create : undefined;
      },
    };
    const levels = among(authEvents, 'm.room.power_levels', '');
    return { state, authEvents, levels: this.#levelsOf(create, levels, version) };
  }

  /** The power levels of a state, creators included. */
  async levels(head: { version: RoomHead['version']; state: StateRoot }, reader?: Reader): Promise<PowerLevels> {
    const create = await this.#states.get(head.state, 'm.room.create', '', reader);
    const event = await this.#states.get(head.state, 'm.room.power_levels', '', reader);
    return this.#levelsOf(create, event, head.version);
  }

  #levelsOf(create: StoredEvent | undefined, event: StoredEvent | undefined, version: RoomVersion): PowerLevels {
    // Redacted levels are others than before.
    const key = `${create?.nid ?? 0} ${event?.nid ?? 0} ${event?.fields.redactedBy ?? 0}`;
    let levels = this.#levels.get(key);
    if (!levels) {
      const creators = create ? roomCreators(create, version) : { userIds: [], privileged: false };
      levels = new PowerLevels(event?.content, creators);
      this.#levels.set(key, levels);
    }
    return levels;
  }
}

type FindState = (type: string, stateKey: string) => StoredEvent | undefined | Promise<StoredEvent | undefined>;

function among(events: readonly StoredEvent[], type: string, stateKey: string): StoredEvent | undefined {
  return events.find((event) => event.type === type && event.stateKey === stateKey);
}
