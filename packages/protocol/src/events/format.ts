import { findLimitProblem, findReferencesProblem, type LimitProblem } from './event-limits.ts';
import type { Pdu } from './event.ts';
import { findShapeProblem, type ShapeProblem } from './pdu-shape.ts';
import { CanonicalJsonError, type CanonicalJsonReason } from '../json/canonical.ts';
import { getOwn, isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import type { RoomVersion } from '../room-versions.ts';
import { CanonicalEvent } from '../signing/canonical-event.ts';
import { eventIdFromReferenceHash } from '../signing/event-id.ts';

/** An event that fits the format of its room version. */
export interface FormattedEvent {
  readonly event: Pdu;
  readonly eventId: string;
  readonly canonical: CanonicalEvent;
}

export type FormatProblem =
  | { readonly stage: 'parse'; readonly reason: ShapeProblem | CanonicalJsonReason }
  | { readonly stage: 'references'; readonly reason: 'too-many-prev-events' | 'too-many-auth-events' }
  | ({ readonly stage: 'limits' } & LimitProblem);

export type FormatResult =
  | ({ readonly ok: true } & FormattedEvent)
  /** `formatted` is there if the event is to be kept as a rejected one. */
  | { readonly ok: false; readonly problem: FormatProblem; readonly formatted?: FormattedEvent };

/**
 * The first check of an event from another server (Server-Server API, "Checks performed on receipt of a PDU", 1): its
 * format, its references and its sizes. `event` is parsed JSON; of `unsigned` only what other servers may say is kept.
 */
export function checkEventFormat(event: JsonValue, version: RoomVersion): FormatResult {
  const parsed = parsePdu(event, version);
  if (!parsed.ok) return parsed;
  const references = findReferencesProblem(parsed.event);
  if (references) return { ok: false, problem: { stage: 'references', reason: references } };
  const bytes = Buffer.byteLength(parsed.canonical.textWithoutUnsigned());
  const limit = findLimitProblem(parsed.event, parsed.eventId, bytes, version);
  if (!limit) return parsed;
  const problem = { stage: 'limits', ...limit } as const;
  return limit.storeAsRejected ? { ok: false, problem, formatted: parsed } : { ok: false, problem };
}

/** The first of these checks by itself: whether this is an event, with an id, at all. */
export function parsePdu(event: JsonValue, version: RoomVersion): FormatResult {
  const reason = findShapeProblem(event, version);
  if (reason) return { ok: false, problem: { stage: 'parse', reason } };
  const pdu = tidy(event as Pdu);
  try {
    const canonical = CanonicalEvent.of(pdu, version);
    const eventId =
      version.eventIdFormat === 'sender-chosen'
        ? (pdu.event_id as string)
        : eventIdFromReferenceHash(canonical.referenceHash(), version);
    return { ok: true, event: pdu, eventId, canonical };
  } catch (error) {
    if (!(error instanceof CanonicalJsonError)) throw error;
    return { ok: false, problem: { stage: 'parse', reason: error.reason } };
  }
}

/** The event with `signatures`, and in `unsigned` only what another server may tell: nobody has signed it. */
function tidy(event: Pdu): Pdu {
  if (event.signatures !== undefined && event.unsigned === undefined) return event;
  const { unsigned, ...rest } = event;
  const told = unsigned && tellable(unsigned, event.type);
  const tidied = { ...rest, signatures: event.signatures ?? {} } as Pdu;
  if (told) tidied.unsigned = told;
  return tidied;
}

function tellable(unsigned: JsonObject, type: string): JsonObject | undefined {
  const told: JsonObject = {};
  const age = getOwn(unsigned, 'age');
  if (Number.isSafeInteger(age)) told['age'] = age as number;
  if (type === 'm.room.member') {
    for (const key of ['invite_room_state', 'knock_room_state']) {
      const state = getOwn(unsigned, key);
      if (Array.isArray(state)) told[key] = state.filter((event) => isJsonObject(event));
    }
  }
  return Object.keys(told).length > 0 ? told : undefined;
}
