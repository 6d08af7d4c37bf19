import { FederationError } from '../../federation-client/index.ts';
import type { Backoff } from '../servers-behind.ts';

export interface ReceivedTransaction {
  readonly txn: string;
  readonly origin_server_ts: number;
  readonly pdus: readonly { readonly id: string }[];
  readonly edus: readonly { readonly edu_type: string; readonly content: Record<string, unknown> }[];
}

/** How another server behaves: it answers, or throws what the client would throw. `take` takes the transaction. */
export type Behaviour = (transaction: ReceivedTransaction, take: () => void) => void | Promise<void>;

/** Other servers as far as they take transactions, each once, as the specification has it. */
export class Peers implements Backoff {
  /** What each server has taken, in order; a transaction id counts once. */
  readonly taken = new Map<string, ReceivedTransaction[]>();
  /** All that was tried. */
  readonly tries: { readonly destination: string; readonly transaction: ReceivedTransaction }[] = [];
  readonly #behaviours = new Map<string, Behaviour>();
  readonly #retryAt = new Map<string, number>();
  readonly #listeners: ((destination: string) => void)[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** As the federation client: fails within the backoff without a try. */
  readonly client = {
    call: async (
      destination: string,
      _endpoint: unknown,
      input: { params?: unknown; canonicalBody?: string },
      options: { signal?: AbortSignal },
    ): Promise<never> => {
      if ((await this.retryAt(destination)) !== undefined)
        throw new FederationError('backing-off', destination, 'not yet');
      const body = JSON.parse(input.canonicalBody ?? '') as Omit<ReceivedTransaction, 'txn'>;
      const transaction = { ...body, txn: (input.params as { txnId: string }).txnId };
      this.tries.push({ destination, transaction });
      const take = (): void => {
        const taken = this.taken.get(destination) ?? [];
        if (!taken.some(({ txn }) => txn === transaction.txn)) taken.push(transaction);
        this.taken.set(destination, taken);
      };
      const behaviour = this.#behaviours.get(destination);
      if (behaviour) await unlessAborted(behaviour(transaction, take), options.signal);
      else take();
      return { pdus: {} } as never;
    },
  };

  behaves(destination: string, behaviour: Behaviour | undefined): void {
    if (behaviour) this.#behaviours.set(destination, behaviour);
    else this.#behaviours.delete(destination);
  }

  /** Takes nothing until it is let go: then the first transaction, and with `all` those after it. */
  holds(destination: string): (all?: boolean) => void {
    let letGo = Promise.withResolvers<void>();
    this.behaves(destination, async (_transaction, take) => {
      await letGo.promise;
      take();
    });
    return (all = true) => {
      const { resolve } = letGo;
      letGo = Promise.withResolvers<void>();
      if (all) this.behaves(destination, undefined);
      resolve();
    };
  }

  /** Doesn't answer, and is left alone for `ms` after each try. */
  dies(destination: string, ms: number): void {
    this.behaves(destination, () => {
      this.#retryAt.set(destination, this.#now() + ms);
      throw new FederationError('unreachable', destination, 'dead');
    });
  }

  /** Answers again, and says so to us. */
  comesBack(destination: string): void {
    this.behaves(destination, undefined);
    this.speaks(destination);
  }

  /** Says that it is there, whatever it answers. */
  speaks(destination: string): void {
    this.#retryAt.delete(destination);
    for (const listener of this.#listeners) listener(destination);
  }

  refuses(destination: string, status: number, which: (transaction: ReceivedTransaction) => boolean): void {
    this.behaves(destination, (transaction, take) => {
      if (which(transaction)) throw new FederationError('refused', destination, 'no', { status });
      take();
    });
  }

  async retryAt(destination: string): Promise<number | undefined> {
    const at = this.#retryAt.get(destination);
    return at !== undefined && at > this.#now() ? at : undefined;
  }

  onReachable(listener: (destination: string) => void): void {
    this.#listeners.push(listener);
  }

  /** The events that a server has taken, in order. */
  events(destination: string): string[] {
    return (this.taken.get(destination) ?? []).flatMap(({ pdus }) => pdus.map(({ id }) => id));
  }

  edus(destination: string): ReceivedTransaction['edus'][number][] {
    return (this.taken.get(destination) ?? []).flatMap(({ edus }) => edus);
  }
}

async function unlessAborted(done: void | Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal?.reason as Error);
  signal?.addEventListener('abort', abort);
  try {
    await Promise.race([done, aborted.promise]);
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}
