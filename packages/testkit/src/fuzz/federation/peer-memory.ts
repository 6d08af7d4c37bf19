import { authEventIds, prevEventIds, roomVersion, type JsonObject, type Pdu, type RoomVersion } from '@myelin/protocol';
import type { PeerAnswer, PeerRequest } from '../../federation/test-peer.ts';

/** The events that the other server has, told or not, and the answers about them. */
export class PeerMemory {
  readonly #serverName: string;
  readonly #version: RoomVersion;
  readonly #events = new Map<string, JsonObject>();

  constructor(serverName: string, version: string) {
    this.#version = roomVersion(version) as RoomVersion;
    this.#serverName = serverName;
  }

  keep(eventId: string, event: JsonObject): void {
    this.#events.set(eventId, event);
  }

  /** The answer to what is asked about events; undefined: it is about something else. */
  answer({ url, body }: PeerRequest): PeerAnswer | undefined {
    const [path, search] = url.split('?', 2) as [string, string | undefined];
    const parts = path.split('/').map((part) => decodeURIComponent(part));
    const query = new URLSearchParams(search);
    const all = [...this.#events.values()];
    switch (parts[4]) {
      case 'event': {
        const event = this.#events.get(parts[5] ?? '');
        return event && { body: { ...this.#origin(), pdus: [event] } };
      }
      case 'get_missing_events': {
        const { latest_events: latest } = JSON.parse(body) as { latest_events: string[] };
        return { body: { events: this.#before(latest) } };
      }
      case 'backfill':
        return { body: { ...this.#origin(), pdus: this.#before(query.getAll('v'), true) } };
      case 'state_ids': {
        const state = this.#stateIds(query.get('event_id') ?? '');
        return { body: { pdu_ids: state, auth_chain_ids: state } };
      }
      case 'state': {
        const state = this.#stateIds(query.get('event_id') ?? '').flatMap((id) => this.#events.get(id) ?? []);
        return { body: { pdus: state, auth_chain: all.filter(isState).slice(-50) } };
      }
      case 'event_auth':
        return { body: { auth_chain: all.filter(isState).slice(-50) } };
      default:
        return undefined;
    }
  }

  #origin(): JsonObject {
    return { origin: this.#serverName, origin_server_ts: 1 };
  }

  #before(ids: readonly string[], inclusive = false): JsonObject[] {
    const starts = ids.flatMap((id): JsonObject[] => listOf(this.#events.get(id)));
    const before = starts
      .flatMap((event) => this.#namesIn(event, prevEventIds))
      .flatMap((id): JsonObject[] => listOf(this.#events.get(id)));
    return inclusive ? [...starts, ...before] : before;
  }

  #stateIds(eventId: string): string[] {
    const event = this.#events.get(eventId);
    return event ? this.#namesIn(event, authEventIds) : [];
  }

  /** The events that an event names; none where what it says is no list of events. */
  #namesIn(event: JsonObject, ids: (pdu: Pdu, version: RoomVersion) => readonly string[]): string[] {
    try {
      return ids(event as unknown as Pdu, this.#version).filter((id) => typeof id === 'string');
    } catch {
      return [];
    }
  }
}

function listOf<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}

function isState(event: JsonObject): boolean {
  return typeof event['state_key'] === 'string';
}
