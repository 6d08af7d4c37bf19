import type { Reader } from '@myelin/database';
import {
  authTypesForEvent,
  PowerLevels,
  roomCreators,
  stateMapKey,
  type AuthState,
  type AuthSubject,
} from '@myelin/protocol';
import { boundedCache } from '../../caches/index.ts';
import type { StoredEvent } from '../events/index.ts';
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

  async load(head: Pick<RoomHead, 'version' | 'state'>, event: AuthSubject, reader: Reader): Promise<LoadedAuthState> {
    const found = new Map<string, StoredEvent>();
    const create = await this.#states.get(head.state, 'm.room.create', '', reader);
    if (create) found.set(stateMapKey('m.room.create', ''), create);
    const authEvents: StoredEvent[] = [];
    for (const { type, stateKey } of authTypesForEvent(event, head.version)) {
      const stored = type === 'm.room.create' ? create : await this.#states.get(head.state, type, stateKey, reader);
      if (!stored) continue;
      found.set(stateMapKey(type, stateKey), stored);
      authEvents.push(stored);
    }
    const state: AuthState = { get: (type, stateKey) => found.get(stateMapKey(type, stateKey)) };
    return { state, authEvents, levels: await this.levels(head, reader) };
  }

  /** The power levels of a state, creators included. */
  async levels(head: { version: RoomHead['version']; state: StateRoot }, reader?: Reader): Promise<PowerLevels> {
    const create = await this.#states.get(head.state, 'm.room.create', '', reader);
    const event = await this.#states.get(head.state, 'm.room.power_levels', '', reader);
    // Redacted levels are others than before.
    const key = `${create?.nid ?? 0} ${event?.nid ?? 0} ${event?.fields.redactedBy ?? 0}`;
    let levels = this.#levels.get(key);
    if (!levels) {
      levels = new PowerLevels(
        event?.content,
        create ? roomCreators(create, head.version) : { userIds: [], privileged: false },
      );
      this.#levels.set(key, levels);
    }
    return levels;
  }
}
