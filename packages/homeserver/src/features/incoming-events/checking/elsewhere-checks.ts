import type { IsGoodSignature } from '@myelin/protocol';

interface Checked {
  readonly index: number;
  readonly eventId: string;
}

/**
 * Has other threads check the signatures of some events. Meanwhile they are taken for good: what was said of these events is
 * to be kept back until all are done. One promise for all of them, since two for each cost more than handing them over.
 */
export class ElsewhereChecks {
  readonly #bad: (Checked & { readonly order: number; readonly server: string })[] = [];
  readonly #done = Promise.withResolvers<void>();
  #error: Error | undefined;
  #asked = 0;
  /** One more than there are signatures, until all have been handed over. */
  #open = 1;

  /** To be called for an event's signatures. Of the event nothing is kept but what is given. */
  of(event: Checked): IsGoodSignature {
    return (key, text, signature, server) => {
      const order = this.#asked++;
      this.#open++;
      key.verifyElsewhere(text, signature, (error, isGood) => {
        if (error) this.#error ??= error;
        else if (!isGood) this.#bad.push({ ...event, order, server });
        this.#settle();
      });
      return true;
    };
  }

  /** The events with a bad signature, an event with two of them by the one that was asked for first. */
  async whenDone(): Promise<Iterable<Checked & { readonly server: string }>> {
    this.#settle();
    await this.#done.promise;
    if (this.#error) throw this.#error;
    const first = new Map<number, Checked & { readonly server: string }>();
    for (const each of this.#bad.sort((a, b) => b.order - a.order)) first.set(each.index, each);
    return first.values();
  }

  #settle(): void {
    if (--this.#open === 0) this.#done.resolve();
  }
}
