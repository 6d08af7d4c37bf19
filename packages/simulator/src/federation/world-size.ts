import type { FederationWorld } from './federation-world.ts';

/** How large a run is, beyond what the seed decides. */
export interface FederationSize {
  readonly fewestServers: number;
  readonly mostServers: number;
  /** Servers besides that don't keep the rules. */
  readonly mostHostile: number;
  readonly actions: number;
  /** Of the room. */
  readonly versions?: readonly string[];
  /**
   * What came later: seeds that are kept from before don't have it, so that they go on meaning the same. `doors`: users knock, shut
   * servers out, restrict who may join, and hostile servers try what is forbidden. `upgrades`: the room is replaced.
   */
  readonly doors?: boolean;
  readonly upgrades?: boolean;
  /**
   * The servers are in the room from the beginning, as it was prepared once for all seeds: that is half of what a world costs. In the
   * chance given, in percent, one of them isn't, and comes in while all else goes on.
   */
  readonly prepared?: { readonly late: number };
  /** Nothing that isn't compared: no index of the search, no presence; and shorter waits when all is whole. */
  readonly lean?: boolean;
  /** How many times as fast one misfortune comes after another. */
  readonly haste?: number;
  /** Called before the servers are compared in the last round: nothing in the repository does, but who looks into a seed that fails. */
  readonly inspect?: (world: FederationWorld, roomId: string) => Promise<void>;
}

/**
 * Of each thousand seeds 580 are worlds of five servers that are in the room when it begins, 23 of six or seven, 5 are larger: up to
 * fifteen, one in two thousand up to thirty. 342 are of three or four, whose users do three times as much: faults of several steps
 * are noticed there. In 50, two to five servers come in one after another. What a world costs grows faster than its servers.
 */
export function sizeOf(seed: number): FederationSize {
  const common = { doors: seed % 4 < 2, lean: true };
  if (seed % 20 === 1) {
    const mostHostile = seed % 40 === 1 ? 3 : 1;
    return { fewestServers: 2, mostServers: 5, mostHostile, actions: 6, upgrades: seed % 3 === 0, ...common };
  }
  const prepared = { prepared: { late: 15 }, haste: 3, ...common };
  if (seed % 2_000 === 0) return { fewestServers: 16, mostServers: 30, mostHostile: 1, actions: 1, ...prepared };
  if (seed % 200 === 0) return { fewestServers: 8, mostServers: 15, mostHostile: 2, actions: 2, ...prepared };
  const mostHostile = seed % 10 === 5 ? 3 : 1;
  const upgrades = seed % 47 === 7;
  if (seed % 41 === 4) return { fewestServers: 6, mostServers: 7, mostHostile, actions: 2, ...prepared, upgrades };
  if (small.has(seed % 20))
    return { fewestServers: 3, mostServers: 4, mostHostile, actions: 6, ...prepared, haste: 2, upgrades };
  return { fewestServers: 5, mostServers: 5, mostHostile, actions: 2, ...prepared, upgrades };
}

const small: ReadonlySet<number> = new Set([3, 6, 8, 10, 13, 15, 17]);
