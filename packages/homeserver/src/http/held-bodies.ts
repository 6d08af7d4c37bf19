/** A body up to so many bytes is held whatever else there is, and waits for nothing. */
const small = 64 * 1024;
/** In bytes, of all larger ones together. A transaction may be 13 MB; nearly all are small. */
const mostHeld = 64 * 1024 * 1024;

/** One body under way. */
export interface HeldBody {
  /** So many bytes more have come. */
  grow(bytes: number): void;
  /** All of it has come: it isn't given up any more. */
  complete(): void;
  /** It is in memory no longer. */
  release(): void;
}

interface Held {
  readonly network: string;
  readonly giveUp: () => void;
  bytes: number;
  state: 'coming' | 'whole' | 'released';
}

/**
 * The bodies that are in memory before it is known who has sent them. Where all of them are too much, the network that holds most by bodies that
 * are still coming has its oldest one given up: whoever opens many and sends slowly is in nobody's way but their own.
 */
export class HeldBodies {
  /** The oldest first. */
  readonly #large = new Set<Held>();
  #bytes = 0;

  /** `network`: where it comes from (`networkOf`). `giveUp` is called at most once, within a call of `grow` of this body or another one. */
  open(network: string, giveUp: () => void): HeldBody {
    const held: Held = { network, giveUp, bytes: 0, state: 'coming' };
    return {
      grow: (bytes) => this.#grow(held, bytes),
      complete: () => {
        if (held.state === 'coming') held.state = 'whole';
      },
      release: () => this.#release(held),
    };
  }

  #grow(held: Held, bytes: number): void {
    if (held.state === 'released') return;
    held.bytes += bytes;
    if (this.#large.has(held)) this.#bytes += bytes;
    else if (held.bytes > small) {
      this.#large.add(held);
      this.#bytes += held.bytes;
    }
    // This one is still coming, so there is one to give up.
    while (this.#bytes > mostHeld && held.bytes > small) {
      const given = this.#heaviest();
      if (!given) return;
      this.#release(given);
      given.giveUp();
      if (given === held) return;
    }
  }

  #heaviest(): Held | undefined {
    const byNetwork = new Map<string, { bytes: number; readonly oldest: Held }>();
    for (const held of this.#large) {
      if (held.state !== 'coming') continue;
      const known = byNetwork.get(held.network);
      if (known) known.bytes += held.bytes;
      else byNetwork.set(held.network, { bytes: held.bytes, oldest: held });
    }
    let found: { bytes: number; readonly oldest: Held } | undefined;
    for (const each of byNetwork.values()) if (!found || each.bytes > found.bytes) found = each;
    return found?.oldest;
  }

  #release(held: Held): void {
    if (held.state === 'released') return;
    held.state = 'released';
    if (this.#large.delete(held)) this.#bytes -= held.bytes;
  }
}
