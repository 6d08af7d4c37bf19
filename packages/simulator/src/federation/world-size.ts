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
  /** How many times as fast one misfortune comes after another. */
  readonly haste?: number;
  /** Called before the servers are compared in the last round: nothing in the repository does, but who looks into a seed that fails. */
  readonly inspect?: (world: FederationWorld, roomId: string) => Promise<void>;
}

/** Seeds up to this one mean what they meant when they were found to fail or to pass. */
const lastOfBefore = 2_500;

/**
 * Of each hundred seeds 69 are worlds of five servers that are in the room when it begins, five of six or seven, one is larger: up to
 * fifteen, one in a thousand up to thirty. Fifteen are of three or four, whose users do three times as much: faults of several steps
 * are noticed there. In ten, two to five servers come in one after another.
 */
export function sizeOf(seed: number): FederationSize {
  if (seed <= lastOfBefore) return sizeOfBefore(seed);
  const doors = seed % 4 < 2;
  if (seed % 10 === 1) return sizeOfBefore(seed);
  const prepared = { prepared: { late: 15 }, haste: 3, doors };
  if (seed % 1_000 === 0) return { fewestServers: 16, mostServers: 30, mostHostile: 1, actions: 1, ...prepared };
  if (seed % 100 === 0) return { fewestServers: 8, mostServers: 15, mostHostile: 2, actions: 2, ...prepared };
  const mostHostile = seed % 10 === 5 ? 3 : 1;
  const upgrades = seed % 12 === 0;
  if (seed % 20 === 8 || seed % 20 === 13 || seed % 20 === 15)
    return { fewestServers: 3, mostServers: 4, mostHostile, actions: 6, ...prepared, haste: 2, upgrades };
  const [fewestServers, mostServers] = seed % 20 === 4 ? [6, 7] : [5, 5];
  return { fewestServers, mostServers, mostHostile, actions: 2, ...prepared, upgrades };
}

/**
 * Most worlds are of five to seven servers that are in the room when it begins: what a world costs grows faster than its servers,
 * and what is found is found with few actions in many worlds. One in fifty is larger, up to thirty. One in ten is of two to
 * five servers that come in one after another, and do more.
 */
function sizeOfBefore(seed: number): FederationSize {
  const doors = seed % 4 < 2;
  if (seed % 10 === 1) {
    const upgrades = seed % 30 === 1;
    return { fewestServers: 2, mostServers: 5, mostHostile: seed % 20 === 1 ? 3 : 1, actions: 6, doors, upgrades };
  }
  const prepared = { prepared: { late: 15 }, haste: 3, doors };
  if (seed % 500 === 0) return { fewestServers: 16, mostServers: 30, mostHostile: 1, actions: 1, ...prepared };
  if (seed % 50 === 0) return { fewestServers: 8, mostServers: 15, mostHostile: 2, actions: 2, ...prepared };
  const mostServers = seed % 4 === 0 ? 7 : 5;
  const mostHostile = seed % 10 === 5 ? 3 : 1;
  return { fewestServers: 5, mostServers, mostHostile, actions: 2, ...prepared, upgrades: seed % 12 === 0 };
}
