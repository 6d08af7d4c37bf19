import {
  CanonicalEvent,
  checkEventFormat,
  getOwn,
  isJsonObject,
  parsePdu,
  requiredSigners,
  verifyEvent,
  type FindVerifyKey,
  type FormattedEvent,
  type IsGoodSignature,
  type JsonValue,
  type Pdu,
  type RoomVersion,
} from '@myelin/protocol';
import type { Breather } from '@myelin/runtime';
import type { Log } from '../../../observability/log.ts';
import { policyKeyId } from '../../policy-servers/index.ts';
import type { KeyNeed, KeyRing, KeySet } from '../../server-keys/index.ts';
import type { CheckedPdu } from '../incoming-events.ts';
import { ElsewhereChecks } from './elsewhere-checks.ts';
import type { UnprovenEvent, UnprovenEvents } from './unproven-events.ts';

export interface EventCheckerParts {
  readonly keyRing: KeyRing;
  readonly log: Log;
  /** Lets others have the thread during long lists. */
  readonly breathe: () => Breather;
  /** Whether signatures of long lists may be checked by other threads. */
  readonly threads?: boolean | undefined;
  /** Where state events wait for keys that couldn't be had. */
  readonly unproven?: Pick<UnprovenEvents, 'keep'>;
}

/** What the first checks made of an item. */
export type Examined =
  | { readonly ok: true; readonly pdu: CheckedPdu }
  | {
      readonly ok: false;
      /** There if the item has one at all. */
      readonly eventId?: string;
      readonly reason: string;
      /** Set where no key of this server could be had: the event may be good. */
      readonly lacksKeysOf?: string;
      /** Such an event, if it is a state event. */
      readonly unproven?: UnprovenEvent;
    };

/** How a checked event is kept. */
export type FormOfPdu = (pdu: CheckedPdu) => CheckedPdu;

/** So many of one server's keys are fetched for an event. */
const mostKeys = 10;
/** So many events are made ready at a time. */
const batch = 500;
/** Other threads are worth their while for so many events. */
const fewestElsewhere = 8;
/** So many events are given to them at once: others have work for them too. */
const checkedAtOnce = 64;

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

  /**
   * The good ones, in their order, each once. `toldAfter`: the events after which another server tells these as the state.
   * `form`: see `examine`.
   */
  async check(
    version: RoomVersion,
    roomId: string,
    items: Iterable<unknown>,
    toldAfter?: readonly string[],
    form?: FormOfPdu,
  ): Promise<CheckedPdu[]> {
    const good = new Map<string, CheckedPdu>();
    const unproven: UnprovenEvent[] = [];
    for (const result of await this.examine(version, roomId, items, form)) {
      if (result.ok) {
        good.set(result.pdu.eventId, result.pdu);
        continue;
      }
      if (result.unproven) unproven.push(result.unproven);
      this.#parts.log.info({ room: roomId, event: result.eventId, reason: result.reason }, 'event left out');
    }
    await this.#parts.unproven?.keep(roomId, unproven, toldAfter);
    return [...good.values()];
  }

  /** What becomes of each item, in their order. `form` is the one in which good ones wait for the others. `items` is read once. */
  async examine(
    version: RoomVersion,
    roomId: string,
    items: Iterable<unknown>,
    form: FormOfPdu = asItIs,
  ): Promise<Examined[]> {
    const breather = this.#parts.breathe();
    const results: Examined[] = [];
    const iterator = items[Symbol.iterator]();
    // Of a large room's state only a part is in memory in all its forms at a time.
    let at = 0;
    let ready = this.#format(version, roomId, iterator, at, results, breather);
    for (;;) {
      const { formatted, keys, isLast } = await ready;
      if (isLast) {
        await this.#verify(version, formatted, keys, results, breather, form);
        return results;
      }
      // The next events are made ready while the signatures of these are checked.
      at += batch;
      const next = this.#format(version, roomId, iterator, at, results, breather);
      ready = next;
      await Promise.all([next, this.#verify(version, formatted, keys, results, breather, form)]);
    }
  }

  async #format(
    version: RoomVersion,
    roomId: string,
    items: Iterator<unknown>,
    from: number,
    results: Examined[],
    breather: Breather,
  ): Promise<{ formatted: Formatted[]; keys: KeySet; isLast: boolean }> {
    const formatted: Formatted[] = [];
    let isLast = false;
    for (let index = from; index < from + batch; index++) {
      const { value: item, done } = items.next();
      if (done) {
        isLast = true;
        break;
      }
      if (breather.isDue) await breather.breathe();
      const result = checkEventFormat(item as JsonValue, version);
      const event = result.ok ? result : result.formatted;
      const reason = result.ok ? undefined : reasonOf(result.problem);
      if (!event) results[index] = { ok: false, ...idOf(item, version), reason: reason ?? 'malformed' };
      else if (roomOf(event, version) !== roomId) results[index] = failed(event, 'other-room');
      else formatted.push({ index, event, refusal: reason });
    }
    const needs = formatted.flatMap(({ event }) => needsOf(event.event, version));
    return { formatted, keys: await this.#parts.keyRing.keySetFor(needs), isLast };
  }

  /** Empties `formatted`: while other threads work, nothing of an event is kept but its form. */
  async #verify(
    version: RoomVersion,
    formatted: Formatted[],
    keys: KeySet,
    results: Examined[],
    breather: Breather,
    form: FormOfPdu,
  ): Promise<void> {
    const isElsewhere = this.#parts.threads === true && formatted.length >= fewestElsewhere;
    while (formatted.length > 0) {
      const elsewhere = isElsewhere ? new ElsewhereChecks() : undefined;
      await this.#judge(version, formatted.splice(0, checkedAtOnce), keys, results, breather, form, elsewhere);
      for (const { index, eventId, server } of (await elsewhere?.whenDone()) ?? [])
        results[index] = { ok: false, eventId, reason: `signature-not-verified (${server})` };
    }
  }

  async #judge(
    version: RoomVersion,
    formatted: readonly Formatted[],
    keys: KeySet,
    results: Examined[],
    breather: Breather,
    form: FormOfPdu,
    elsewhere: ElsewhereChecks | undefined,
  ): Promise<void> {
    for (const { index, event, refusal } of formatted) {
      if (breather.isDue) await breather.breathe();
      const verdict = verdictOn(event, refusal, version, keys, elsewhere?.of({ index, eventId: event.eventId }));
      results[index] = verdict.ok ? { ok: true, pdu: form(verdict.pdu) } : verdict;
    }
  }
}

function asItIs(pdu: CheckedPdu): CheckedPdu {
  return pdu;
}

function verdictOn(
  event: FormattedEvent,
  refusal: string | undefined,
  version: RoomVersion,
  keys: KeySet,
  isGood: IsGoodSignature | undefined,
): Examined {
  const findKey = keysFor(event, version, keys);
  const verdict = verifyEvent(event.event, version, findKey, event.canonical, isGood);
  if (verdict.verdict === 'rejected') {
    const { server, reason } = verdict;
    if (server === undefined) return failed(event, reason);
    const failure = failed(event, `${reason} (${server})`);
    return verdict.reason === 'signature-not-verified' && lacksKeys(event, server, findKey)
      ? { ...failure, lacksKeysOf: server, ...unproven(event, server) }
      : failure;
  }
  const isWhole = verdict.verdict === 'accepted';
  const canonical = isWhole ? event.canonical : CanonicalEvent.of(verdict.event, version);
  const json = canonical.textWithoutUnsigned();
  return {
    ok: true,
    pdu: { eventId: event.eventId, pdu: verdict.event, json, ...(refusal !== undefined && { refusal }) },
  };
}

function keysFor({ event }: FormattedEvent, version: RoomVersion, keys: KeySet): FindVerifyKey {
  return keys.at(Number(event.origin_server_ts), version.enforceKeyValidity);
}

/** The id of an event that is one, whatever else is wrong with it. */
function idOf(item: unknown, version: RoomVersion): { eventId?: string } {
  const parsed = parsePdu(item as JsonValue, version);
  return parsed.ok ? { eventId: parsed.eventId } : {};
}

/** Whether none of the keys is known with which a server has signed an event. */
function lacksKeys({ event }: FormattedEvent, server: string, findKey: FindVerifyKey): boolean {
  const signatures = getOwn(event.signatures, server);
  const keyIds = isJsonObject(signatures) ? Object.keys(signatures).slice(0, mostKeys) : [];
  return keyIds.length > 0 && keyIds.every((keyId) => findKey(server, keyId) === undefined);
}

function unproven({ event, eventId, canonical }: FormattedEvent, server: string): { unproven?: UnprovenEvent } {
  if (event.state_key === undefined) return {};
  return { unproven: { eventId, server, json: canonical.textWithoutUnsigned() } };
}

function failed({ eventId }: FormattedEvent, reason: string): Extract<Examined, { ok: false }> {
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
    const named = isJsonObject(signatures) ? Object.keys(signatures).slice(0, mostKeys) : [];
    // The key of a policy server stands in the room's state, and nowhere else.
    const keyIds = named.filter((keyId) => keyId !== policyKeyId);
    return { server, keyIds, at, enforceValidity: version.enforceKeyValidity };
  });
}
