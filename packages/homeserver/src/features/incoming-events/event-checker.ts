import {
  CanonicalEvent,
  checkEventFormat,
  getOwn,
  isJsonObject,
  parsePdu,
  requiredSigners,
  verifyEvent,
  type FormattedEvent,
  type JsonValue,
  type Pdu,
  type RoomVersion,
} from '@myelin/protocol';
import type { Log } from '../../observability/log.ts';
import type { KeyNeed, KeyRing } from '../server-keys/index.ts';
import type { CheckedPdu } from './incoming-events.ts';
import type { Breather } from './breather.ts';

export interface EventCheckerParts {
  readonly keyRing: KeyRing;
  readonly log: Log;
  /** Lets others have the thread during long lists. */
  readonly breathe: () => Breather;
}

/** What the first checks made of an item. */
export type Examined =
  | { readonly ok: true; readonly pdu: CheckedPdu }
  /** `eventId` is there if the item has one at all. */
  | { readonly ok: false; readonly eventId?: string; readonly reason: string };

/** So many of one server's keys are fetched for an event. */
const mostKeys = 10;

interface Formatted {
  readonly index: number;
  readonly event: FormattedEvent;
  readonly refusal: string | undefined;
}

/** The checks of an event that need nothing but the event: format, size, signatures, hash. Server-Server API §5.1, 1 to 3. */
export class EventChecker {
  readonly #parts: EventCheckerParts;

  constructor(parts: EventCheckerParts) {
    this.#parts = parts;
  }

  /** The good ones, in their order, each once. */
  async check(version: RoomVersion, roomId: string, items: readonly unknown[]): Promise<CheckedPdu[]> {
    const good = new Map<string, CheckedPdu>();
    for (const result of await this.examine(version, roomId, items)) {
      if (result.ok) good.set(result.pdu.eventId, result.pdu);
      else this.#parts.log.info({ room: roomId, event: result.eventId, reason: result.reason }, 'event left out');
    }
    return [...good.values()];
  }

  /** What becomes of each item, in their order. */
  async examine(version: RoomVersion, roomId: string, items: readonly unknown[]): Promise<Examined[]> {
    const breather = this.#parts.breathe();
    const results: Examined[] = [];
    const formatted: Formatted[] = [];
    for (const [index, item] of items.entries()) {
      await breather.breathe();
      const result = checkEventFormat(item as JsonValue, version);
      const event = result.ok ? result : result.formatted;
      const reason = result.ok ? undefined : reasonOf(result.problem);
      if (!event) results[index] = { ok: false, ...idOf(item, version), reason: reason ?? 'malformed' };
      else if (roomOf(event, version) !== roomId) results[index] = failed(event, 'other-room');
      else formatted.push({ index, event, refusal: reason });
    }
    const keys = await this.#parts.keyRing.keySetFor(formatted.flatMap(({ event }) => needsOf(event.event, version)));
    for (const { index, event, refusal } of formatted) {
      await breather.breathe();
      const time = Number(event.event.origin_server_ts);
      const verdict = verifyEvent(event.event, version, keys.at(time, version.enforceKeyValidity), event.canonical);
      if (verdict.verdict === 'rejected') {
        results[index] = failed(event, verdict.server ? `${verdict.reason} (${verdict.server})` : verdict.reason);
        continue;
      }
      const isWhole = verdict.verdict === 'accepted';
      const canonical = isWhole ? event.canonical : CanonicalEvent.of(verdict.event, version);
      const json = canonical.textWithoutUnsigned();
      const pdu = { eventId: event.eventId, pdu: verdict.event, json, ...(refusal !== undefined && { refusal }) };
      results[index] = { ok: true, pdu };
    }
    return results;
  }
}

/** The id of an event that is one, whatever else is wrong with it. */
function idOf(item: unknown, version: RoomVersion): { eventId?: string } {
  const parsed = parsePdu(item as JsonValue, version);
  return parsed.ok ? { eventId: parsed.eventId } : {};
}

function failed({ eventId }: FormattedEvent, reason: string): Examined {
  return { ok: false, eventId, reason };
}

function reasonOf(problem: { readonly reason: string; readonly detail?: string }): string {
  return problem.detail === undefined ? problem.reason : `${problem.reason} (${problem.detail.slice(0, 80)})`;
}

function roomOf({ event, eventId }: FormattedEvent, version: RoomVersion): string | undefined {
  if (event.room_id !== undefined || !version.roomIdIsCreateEventId) return event.room_id;
  return `!${eventId.slice(1)}`;
}

function needsOf(event: Pdu, version: RoomVersion): KeyNeed[] {
  const servers = requiredSigners(event, version);
  if (!Array.isArray(servers)) return [];
  const at = Number(event.origin_server_ts);
  return servers.map((server) => {
    const signatures = getOwn(event.signatures, server);
    const keyIds = isJsonObject(signatures) ? Object.keys(signatures).slice(0, mostKeys) : [];
    return { server, keyIds, at, enforceValidity: version.enforceKeyValidity };
  });
}
