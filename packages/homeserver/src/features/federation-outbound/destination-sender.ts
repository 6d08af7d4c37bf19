import type { Clock, Timers } from '@myelin/runtime';
import type { Streams } from '../streams/index.ts';
import type { CatchUp } from './catch-up.ts';
import type { Destination } from './destination.ts';
import type { EduStore } from './edu-store.ts';
import { mostEdus, mostPdus, reachedBy, type PositionedItem, type StoredEdu } from './item.ts';
import type { Renderer } from './renderer.ts';
import type { OutgoingTransactions, Outcome } from './transactions.ts';

export interface DestinationSenderParts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly streams: Pick<Streams, 'current'>;
  readonly edus: EduStore;
  readonly catchUp: CatchUp;
  readonly renderer: Renderer;
  readonly transactions: OutgoingTransactions;
}

/** Before it is looked again whether what a server has missed may be sent, in milliseconds. */
const pauseMs = 100;

/** Puts together what a server is sent next, and sends it. */
export class DestinationSender {
  readonly #parts: DestinationSenderParts;

  constructor(parts: DestinationSenderParts) {
    this.#parts = parts;
  }

  /** Sends one transaction, if there is something to send. */
  async sendNext(destination: Destination, signal: AbortSignal): Promise<Outcome | 'nothing'> {
    const { edus, renderer, transactions, clock } = this.#parts;
    const { name, isSuspicious } = destination;
    if (destination.mayHaveSentInVain) {
      const again = await edus.sentInVain(name);
      if (again) {
        const items = again.edus.map(
          ({ id, type, text }) => ({ kind: 'edu', name: type, text, storedId: id }) as const,
        );
        return transactions.deliver(name, { items, txn: again.txn, isSuspicious, signal });
      }
      destination.mayHaveSentInVain = false;
    }
    const missed = destination.isLive ? undefined : await this.#missed(destination, signal);
    const positioned = missed?.items ?? destination.next(mostPdus + mostEdus);
    const stored = await this.#storedEdus(destination);
    const rendered = await renderer.render(positioned, stored);
    const free = mostEdus - rendered.items.filter(({ kind }) => kind === 'edu').length;
    renderer.addFleeting(rendered.items, destination.takeFleeting(free));
    const isAll = rendered.positioned.length === positioned.length;
    const advance = (): void => {
      if (!missed) destination.remove(rendered.positioned, clock.monotonic());
      else if (destination.cursor !== undefined) {
        const last = isAll ? missed.upTo : reachedBy(positioned, rendered.positioned.length);
        destination.cursor = Math.max(destination.cursor, Math.min(last, missed.upTo));
      }
    };
    if (rendered.items.length === 0) {
      if (positioned.length > 0 || missed) advance();
      if (!destination.isToBeGreeted || !destination.isLive) return 'nothing';
      destination.isToBeGreeted = false;
      return transactions.greet(name, signal);
    }
    const outcome = await transactions.deliver(name, { items: rendered.items, isSuspicious, signal });
    if (outcome.kind === 'taken') {
      advance();
      destination.isToBeGreeted = false;
      destination.isSuspicious = false;
    }
    return outcome;
  }

  async #storedEdus(destination: Destination): Promise<readonly StoredEdu[]> {
    if (!destination.hasStoredEdus) return [];
    // Set again by whoever adds some while the table is read.
    destination.hasStoredEdus = false;
    let mayBeMore = true;
    try {
      const found = await this.#parts.edus.oldest(destination.name, mostEdus);
      mayBeMore = found.length > 0;
      return found;
    } finally {
      if (mayBeMore) destination.hasStoredEdus = true;
    }
  }

  /** What a server that catches up has missed; it is live if there is nothing more. */
  async #missed(
    destination: Destination,
    signal: AbortSignal,
  ): Promise<{ items: readonly PositionedItem[]; upTo: number } | undefined> {
    const { streams, catchUp, clock, timers } = this.#parts;
    const cursor = destination.cursor as number;
    // What is durable by now is found in the tables, and what comes later is collected.
    const reached = streams.current();
    destination.startCollecting();
    const { items: found, upTo } = await catchUp.after(destination.name, cursor);
    // What is durable before something that has an earlier position would be found again.
    const items = found.filter(({ position }) => position <= reached);
    if (items.length === 0 && upTo === undefined) {
      if (destination.goLive(found, clock.monotonic())) return undefined;
    } else destination.stopCollecting();
    if (items.length === 0 && found.length > 0) await timers.sleep(pauseMs, signal).catch(() => {});
    return { items, upTo: Math.max(cursor, Math.min(upTo ?? reached, reached)) };
  }
}
