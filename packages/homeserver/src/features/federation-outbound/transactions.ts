import { federation } from '@myelin/api';
import { isJsonObject } from '@myelin/protocol';
import type { Clock } from '@myelin/runtime';
import type { Log } from '../../observability/log.ts';
import type { Counter } from '../counters/index.ts';
import { FederationError, type FederationClient } from '../federation-client/index.ts';
import type { EduStore } from './edu-store.ts';
import type { RenderedItem } from './item.ts';
import type { OutboundMetrics } from './outbound-metrics.ts';

export interface TransactionsParts {
  readonly serverName: string;
  readonly client: Pick<FederationClient, 'call'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Numbers transactions, over restarts. */
  readonly counter: Counter;
  readonly edus: EduStore;
  readonly metrics: OutboundMetrics;
}

/**
 * What became of a transaction. `refused`: the server doesn't take what is in it. `failed`: it didn't come to an answer
 * (`isOwnFault`: to one that makes no sense from such a server, so that backoff knows nothing of it).
 */
export type Outcome =
  | { readonly kind: 'taken' | 'stopped' }
  | { readonly kind: 'refused'; readonly status: number; readonly code: string | undefined }
  | { readonly kind: 'failed'; readonly status: number | undefined; readonly isOwnFault: boolean };

export interface Delivery {
  readonly items: readonly RenderedItem[];
  /** The transaction that these were sent in before. */
  readonly txn?: string;
  /** Whether an internal error of the server may be about what was sent. */
  readonly isSuspicious: boolean;
  readonly signal: AbortSignal;
}

const largestAnswer = 1_048_576;

/** Statuses that say nothing of what was sent: the server, or what stands before it, doesn't take anything now. */
const aboutTheServer: ReadonlySet<number> = new Set([401, 404, 408, 429]);

/** Sends transactions; finds out which item a server doesn't take. Server-Server API §"Transactions". */
export class OutgoingTransactions {
  readonly #parts: TransactionsParts;

  constructor(parts: TransactionsParts) {
    this.#parts = parts;
  }

  /** Delivers items to a server; what it doesn't take, even alone, is set aside. */
  async deliver(destination: string, delivery: Delivery): Promise<Outcome> {
    const first = await this.#send(destination, delivery);
    if (first.kind !== 'refused') return first;
    // Whoever refuses a transaction with nothing in it refuses us, not what we sent.
    const probe = await this.#send(destination, {
      items: [],
      isSuspicious: delivery.isSuspicious,
      signal: delivery.signal,
    });
    if (probe.kind === 'stopped') return probe;
    if (probe.kind !== 'taken') return { kind: 'failed', status: first.status, isOwnFault: true };
    return this.#narrow(destination, delivery, first);
  }

  /** Sends a transaction with nothing in it, once: any answer will do. */
  async greet(destination: string, signal: AbortSignal): Promise<Outcome> {
    const outcome = await this.#send(destination, { items: [], isSuspicious: true, signal });
    return outcome.kind === 'refused' ? { kind: 'taken' } : outcome;
  }

  async #narrow(
    destination: string,
    delivery: Delivery,
    refusal: Extract<Outcome, { kind: 'refused' }>,
  ): Promise<Outcome> {
    const { items } = delivery;
    const [only] = items;
    if (only && items.length === 1) {
      const { edus, clock, log } = this.#parts;
      await edus.setAside(destination, only, refusal, clock.now());
      log.warn(
        { destination, item: only.name, status: refusal.status, code: refusal.code },
        'a server does not take something: it is set aside, what comes after it goes on',
      );
      return { kind: 'taken' };
    }
    const middle = Math.ceil(items.length / 2);
    for (const half of [items.slice(0, middle), items.slice(middle)]) {
      const part: Delivery = { items: half, isSuspicious: delivery.isSuspicious, signal: delivery.signal };
      let outcome = await this.#send(destination, part);
      if (outcome.kind === 'refused') outcome = await this.#narrow(destination, part, outcome);
      if (outcome.kind !== 'taken') return outcome;
    }
    return { kind: 'taken' };
  }

  async #send(destination: string, { items, txn, isSuspicious, signal }: Delivery): Promise<Outcome> {
    const { client, edus, counter, metrics } = this.#parts;
    const stored = items.flatMap(({ storedId }) => (storedId === undefined ? [] : [storedId]));
    const id = txn ?? `m${counter.take()}`;
    if (txn === undefined && stored.length > 0) await edus.mark(destination, stored, id);
    try {
      const answer = await client.call(
        destination,
        federation.sendTransaction,
        { params: { txnId: id }, canonicalBody: this.#body(items) },
        { signal, retries: isSuspicious ? 'none' : 'long', maxBytes: largestAnswer },
      );
      this.#logRefusedEvents(destination, answer);
    } catch (error) {
      if (signal.aborted) return { kind: 'stopped' };
      return this.#outcomeOf(error, isSuspicious);
    }
    if (stored.length > 0) await edus.delete(destination, stored);
    metrics.sent(destination, items);
    return { kind: 'taken' };
  }

  #outcomeOf(error: unknown, isSuspicious: boolean): Outcome {
    if (!(error instanceof FederationError)) throw error;
    const { kind, status, code } = error;
    if (kind !== 'refused' || status === undefined)
      return { kind: 'failed', status, isOwnFault: kind === 'bad-answer' || kind === 'not-allowed' };
    const isRefusal = status < 500 ? !aboutTheServer.has(status) : status === 500 && isSuspicious;
    if (isRefusal) return { kind: 'refused', status, code };
    return { kind: 'failed', status, isOwnFault: status === 404 || status === 408 };
  }

  /** Canonical JSON. */
  #body(items: readonly RenderedItem[]): string {
    const { serverName, clock } = this.#parts;
    const texts = (kind: RenderedItem['kind']): string =>
      items
        .filter((item) => item.kind === kind)
        .map(({ text }) => text)
        .join(',');
    return `{"edus":[${texts('edu')}],"origin":${JSON.stringify(serverName)},"origin_server_ts":${clock.now()},"pdus":[${texts('pdu')}]}`;
  }

  #logRefusedEvents(destination: string, answer: { readonly pdus: Readonly<Record<string, unknown>> }): void {
    for (const [eventId, result] of Object.entries(answer.pdus)) {
      if (isJsonObject(result) && result['error'] !== undefined)
        this.#parts.log.debug({ destination, eventId }, 'a server refused an event');
    }
  }
}
