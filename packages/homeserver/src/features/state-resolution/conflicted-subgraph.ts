import type { ChainLink, ChainNid } from '../auth-graph/index.ts';
import type { EventNid } from '../names/index.ts';
import { Looks, type AuthDifferenceParts } from './auth-difference-parts.ts';
import { DescendingQueue } from './descending-queue.ts';

/** So many chains' links are read together. */
const chainsAtOnce = 100;

/**
 * The events on paths along auth events between two of the conflicted ones (Room Version 12), those included. Of each chain
 * they are a range: from the first event that leads to a conflicted one up to the last that a conflicted one leads to. So
 * the work grows with the links between chains and with what is found, not with how long the chains are. Throws
 * ResolutionBudgetError.
 */
export async function conflictedSubgraph(
  conflicted: readonly EventNid[],
  parts: AuthDifferenceParts,
): Promise<Set<EventNid>> {
  return new ConflictedSubgraph(parts).find(conflicted);
}

class ConflictedSubgraph {
  readonly #parts: AuthDifferenceParts;
  /** The last event of each chain that a conflicted one is or leads to. */
  readonly #last = new Map<ChainNid, EventNid>();
  /** The first event of each chain that is or leads to a conflicted one. */
  readonly #first = new Map<ChainNid, EventNid>();
  readonly #links = new Map<ChainNid, readonly ChainLink[]>();
  readonly #looks: Looks;

  constructor(parts: AuthDifferenceParts) {
    this.#parts = parts;
    this.#looks = new Looks(parts);
  }

  async find(conflicted: readonly EventNid[]): Promise<Set<EventNid>> {
    const { pending, reader, graph } = this.#parts;
    const lowest = Math.min(...conflicted) as EventNid;
    // An event that isn't stored is a chain of its own.
    const mentioned = new Set([...conflicted, ...[...pending.values()].flat()]);
    const chains = await graph.chains.chainsOf(
      [...mentioned].filter((nid) => !pending.has(nid)),
      reader,
    );
    const chainOf = (nid: EventNid): ChainNid => chains.get(nid) ?? nid;
    for (const [nid, own] of pending)
      this.#links.set(
        nid,
        own.map((to) => ({ chain: nid, event: nid, toChain: chainOf(to), to })),
      );
    await this.#goDown(conflicted, chainOf, lowest);
    this.#goUp(conflicted, chainOf);
    const subgraph = new Set(conflicted);
    for (const [chain, first] of this.#first) {
      const last = this.#last.get(chain);
      if (last === undefined || last < first || pending.has(chain)) continue;
      const events = await graph.chains.between(chain, first, last, this.#looks.left + 1, reader);
      await this.#looks.add(events.length);
      for (const event of events) subgraph.add(event);
    }
    return subgraph;
  }

  /** How far down the conflicted events lead, by the links that leave chains not behind what they lead to. */
  async #goDown(
    conflicted: readonly EventNid[],
    chainOf: (nid: EventNid) => ChainNid,
    lowest: EventNid,
  ): Promise<void> {
    const { graph, pending, reader } = this.#parts;
    const queue = new DescendingQueue();
    const chainsOfQueued = new Map<number, ChainNid>();
    const reach = (chain: ChainNid, event: EventNid): void => {
      if (event < lowest || event <= (this.#last.get(chain) ?? 0)) return;
      this.#last.set(chain, event);
      chainsOfQueued.set(event, chain);
      queue.push(event);
    };
    for (const nid of conflicted) reach(chainOf(nid), nid);
    while (queue.size > 0) {
      // From the largest number down, a chain's turn comes when all that leads to it has been seen, but for those read with it.
      const chains = new Set<ChainNid>();
      while (queue.size > 0 && chains.size < chainsAtOnce)
        chains.add(chainsOfQueued.get(queue.pop() as number) as ChainNid);
      const toRead = [...chains].filter((chain) => !pending.has(chain));
      const highest = Math.max(...[...chains].map((chain) => this.#last.get(chain) as number)) as EventNid;
      if (toRead.length > 0) {
        const links = await graph.chains.linksFrom(toRead, lowest, highest, this.#looks.left + 1, reader);
        await this.#looks.add(links.length + toRead.length);
        for (const [chain, some] of Map.groupBy(links, (link) => link.chain)) this.#links.set(chain, some);
      }
      for (const chain of chains) {
        const last = this.#last.get(chain) as EventNid;
        for (const { event, toChain, to } of this.#links.get(chain) ?? []) if (event <= last) reach(toChain, to);
      }
    }
  }

  /** Which of what was seen there leads to a conflicted event. */
  #goUp(conflicted: readonly EventNid[], chainOf: (nid: EventNid) => ChainNid): void {
    const lead = (chain: ChainNid, event: EventNid): void => {
      if (event < (this.#first.get(chain) ?? Infinity)) this.#first.set(chain, event);
    };
    for (const nid of conflicted) lead(chainOf(nid), nid);
    const links = [...this.#links.values()].flat().filter(({ chain, event }) => event <= (this.#last.get(chain) ?? 0));
    // What an event leads to has a smaller number: whoever is asked has been answered for.
    for (const { chain, event, toChain, to } of links.toSorted((a, b) => a.event - b.event))
      if (to >= (this.#first.get(toChain) ?? Infinity)) lead(chain, event);
  }
}
