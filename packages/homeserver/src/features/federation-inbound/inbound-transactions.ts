import { MatrixError } from '@myelin/api';
import { domainOf, getOwn, isJsonObject, type JsonObject, type Pdu } from '@myelin/protocol';
import type { Clock } from '@myelin/runtime';
import type { Log } from '../../observability/log.ts';
import { MissingEventsError, type CheckedPdu, type EventIntake } from '../incoming-events/index.ts';
import type { Names, RoomNid } from '../names/index.ts';
import type { ServerAcls } from '../server-acls/index.ts';
import type { OriginLimits } from '../server-requests/index.ts';
import type { RoomHead, RoomHeads } from '../timeline/index.ts';
import type { AnsweredTransactions } from './answered-transactions.ts';
import type { EduHandlers } from './edu-handlers.ts';
import type { Awaited, InboundMetrics } from './inbound-metrics.ts';
import type { LateEvents } from './late-events.ts';
import { isModest } from './modest.ts';

/** Events of rooms that this server isn't in. Implemented by `features/invited-rooms`. */
export interface EventsFromOutside {
  /** Takes an event that ends the invite of a local user. Resolves to its id, or to undefined if it is none. */
  take(roomId: string, pdu: JsonObject): Promise<string | undefined>;
}

/** Tells servers why they aren't in rooms any more. Implemented by `features/federation-outbound`. */
interface Farewells {
  tell(room: RoomNid, server: string): Promise<void>;
}

export interface InboundTransactionsParts {
  readonly names: Names;
  readonly heads: RoomHeads;
  readonly acls: ServerAcls;
  readonly intake: Pick<EventIntake, 'examine' | 'receive'>;
  readonly outside: EventsFromOutside;
  readonly farewells: Farewells;
  readonly edus: EduHandlers;
  readonly answers: Pick<AnsweredTransactions, 'find' | 'note'>;
  /** Where events wait that can't be placed yet. */
  readonly late: Pick<LateEvents, 'keep'>;
  /** Their own, so that a server's other requests don't wait for its transactions. */
  readonly limits: Pick<OriginLimits, 'run'>;
  readonly clock: Clock;
  readonly metrics: InboundMetrics;
  readonly log: Log;
}

export interface Transaction {
  readonly pdus?: readonly unknown[] | undefined;
  readonly edus?: readonly unknown[] | null | undefined;
}

/** What became of each event, by id. */
type TransactionResult = Record<string, { error?: string }>;

/** Takes transactions of other servers. Server-Server API §PUT /send/{txnId}. */
export class InboundTransactions {
  readonly #parts: InboundTransactionsParts;
  readonly #inWork = new Map<string, Promise<string>>();

  constructor(parts: InboundTransactionsParts) {
    this.#parts = parts;
  }

  /**
   * Resolves to what became of each event, by id, as JSON text. A transaction that comes again gets the answer of the
   * first time, and is waited for if it is still in work. One that was refused as a whole may come again.
   */
  async receive(origin: string, txnId: string, transaction: Transaction): Promise<string> {
    const key = `${origin} ${txnId}`;
    const inWork = this.#inWork.get(key);
    if (inWork) return inWork;
    const answer = this.#answer(origin, txnId, transaction).finally(() => this.#inWork.delete(key));
    this.#inWork.set(key, answer);
    return answer;
  }

  async #answer(origin: string, txnId: string, transaction: Transaction): Promise<string> {
    const { answers, limits } = this.#parts;
    const known = await answers.find(origin, txnId);
    if (known !== undefined) return known;
    const answer = JSON.stringify(await limits.run(origin, () => this.#take(origin, transaction)));
    answers.note(origin, txnId, answer);
    return answer;
  }

  async #take(origin: string, { pdus, edus }: Transaction): Promise<TransactionResult> {
    const awaited = this.#parts.metrics.pdus(origin, pdus?.length ?? 0);
    this.#parts.metrics.edus(edus?.length ?? 0);
    const placing = this.#takePdus(origin, pdus ?? [], awaited).finally(() => awaited.end());
    const [results] = await Promise.all([placing, this.#takeEdus(origin, edus ?? [])]);
    return results;
  }

  async #takePdus(origin: string, pdus: readonly unknown[], awaited: Awaited): Promise<TransactionResult> {
    const byRoom = new Map<string, JsonObject[]>();
    for (const pdu of pdus) {
      const roomId = isJsonObject(pdu) ? getOwn(pdu, 'room_id') : undefined;
      // Without a room its id can't be told, and the answer has no place for it.
      if (typeof roomId !== 'string') continue;
      const list = byRoom.get(roomId);
      if (list) list.push(pdu as JsonObject);
      else byRoom.set(roomId, [pdu as JsonObject]);
    }
    // Without a prototype: in old room versions others choose the ids.
    const results = Object.create(null) as TransactionResult;
    await Promise.all([...byRoom].map(([roomId, items]) => this.#takeRoom(origin, roomId, items, results, awaited)));
    return results;
  }

  async #takeRoom(
    origin: string,
    roomId: string,
    items: readonly JsonObject[],
    results: TransactionResult,
    awaited: Awaited,
  ): Promise<void> {
    const { acls, intake } = this.#parts;
    const head = await this.#head(roomId);
    const inside = await this.#notFromOutside(roomId, items, results);
    if (inside.length === 0) return;
    // The version of the room says how to make out an event's id.
    if (!head) return this.#parts.log.info({ room: roomId, server: origin }, 'events of an unknown room passed over');
    const isAllowed = await acls.isAllowed(head.room, origin);
    for (const examined of await intake.examine(head.version, roomId, inside)) {
      const eventId = examined.ok ? examined.pdu.eventId : examined.eventId;
      if (eventId === undefined) continue;
      if (!examined.ok && examined.unproven && isAllowed) {
        const { json } = examined.unproven;
        results[eventId] = await this.#outcome(roomId, () => this.#parts.late.keep(origin, roomId, { eventId, json }));
      } else if (!examined.ok) results[eventId] = { error: `Not a valid event: ${examined.reason}` };
      else if (!isAllowed) results[eventId] = { error: 'Forbidden from server' };
      else
        results[eventId] = await this.#outcome(roomId, async () => {
          if (!(await this.#place(origin, roomId, examined.pdu)))
            await this.#parts.late.keep(origin, roomId, examined.pdu);
        });
      awaited.done();
    }
  }

  /** Takes in an event that waited for others, or for keys; false: it still does. */
  async retry(origin: string, roomId: string, pdu: Pdu): Promise<boolean> {
    const head = await this.#head(roomId);
    if (!head || !(await this.#parts.acls.isAllowed(head.room, origin))) return true;
    const [examined] = await this.#parts.intake.examine(head.version, roomId, [pdu]);
    if (!examined?.ok) return examined?.lacksKeysOf === undefined;
    return this.#place(origin, roomId, examined.pdu);
  }

  /** False: others before it are missing. Nothing is wrong with it then, and it may come into its place later. */
  async #place(origin: string, roomId: string, pdu: CheckedPdu): Promise<boolean> {
    try {
      await this.#receive(origin, roomId, pdu);
      return true;
    } catch (error) {
      if (!(error instanceof MissingEventsError)) throw error;
      this.#parts.log.info({ room: roomId, reason: error.message }, 'an event of another server has no place yet');
      return false;
    }
  }

  async #receive(origin: string, roomId: string, pdu: CheckedPdu): Promise<void> {
    const { clock, intake, metrics, farewells } = this.#parts;
    const started = clock.monotonic();
    const { verdict, event } = await intake.receive(origin, roomId, pdu);
    metrics.pduDone(clock.monotonic() - started);
    if (verdict === 'soft-failed' && domainOf(event.sender) === origin) await farewells.tell(event.room, origin);
  }

  /** Those that don't end an invite to a room that this server isn't in. */
  async #notFromOutside(
    roomId: string,
    items: readonly JsonObject[],
    results: TransactionResult,
  ): Promise<readonly JsonObject[]> {
    const others: JsonObject[] = [];
    for (const item of items) {
      let taken: string | undefined;
      await this.#outcome(roomId, async () => {
        taken = await this.#parts.outside.take(roomId, item);
      });
      if (taken === undefined) others.push(item);
      else results[taken] = {};
    }
    return others;
  }

  async #head(roomId: string): Promise<RoomHead | undefined> {
    const room = await this.#parts.names.findRoom(roomId);
    return room === undefined ? undefined : this.#parts.heads.find(room);
  }

  async #outcome(roomId: string, receive: () => Promise<unknown>): Promise<{ error?: string }> {
    try {
      // Events that are refused by the rules are dealt with as well as others.
      await receive();
      return {};
    } catch (error) {
      if (error instanceof MatrixError) return { error: error.message };
      this.#parts.log.error({ room: roomId, err: error }, 'an event of another server could not be taken in');
      return { error: 'Internal server error' };
    }
  }

  async #takeEdus(origin: string, edus: readonly unknown[]): Promise<void> {
    for (const edu of edus) {
      if (!isJsonObject(edu)) continue;
      const type = getOwn(edu, 'edu_type');
      const content = getOwn(edu, 'content');
      if (typeof type !== 'string' || !isJsonObject(content) || !isModest(content)) continue;
      try {
        await this.#parts.edus.get(type)?.(origin, content);
      } catch (error) {
        if (error instanceof MatrixError)
          this.#parts.log.info({ server: origin, type, reason: error.code }, 'EDU refused');
        else this.#parts.log.error({ server: origin, type, err: error }, 'an EDU could not be taken in');
      }
    }
  }
}
