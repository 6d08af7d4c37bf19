/** Walks over auth chains in memory, for tests, tools and small rooms; a server has an index for the same questions. */

/** The ids of an event's auth events; none for an event that isn't known. */
export type AuthEdges = (eventId: string) => readonly string[];

/** These events and all of their auth chains. */
export function withAuthChains(eventIds: Iterable<string>, edges: AuthEdges): Set<string> {
  const seen = new Set(eventIds);
  // Items added to a Set while it is iterated over are visited too.
  for (const id of seen) for (const authId of edges(id)) seen.add(authId);
  return seen;
}

/**
 * The *auth difference* of states (Room Version 2), each given by its events' ids: the events that are in some states'
 * auth chains and not in all. The events of a state count as part of its auth chain, as all servers have it: by the
 * definition's letter an unconflicted event that only some states' other events rest on would be replayed.
 */
export function authDifference(states: readonly Iterable<string>[], edges: AuthEdges): Set<string> {
  const counts = new Map<string, number>();
  for (const state of states) {
    for (const id of withAuthChains(state, edges)) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  const difference = new Set<string>();
  for (const [id, count] of counts) if (count < states.length) difference.add(id);
  return difference;
}

/** The *conflicted state subgraph* (Room Version 12): all events on paths along auth events between two conflicted ones. */
export function conflictedSubgraph(conflicted: Iterable<string>, edges: AuthEdges): Set<string> {
  const ends = new Set(conflicted);
  const authorizes = new Map<string, string[]>();
  for (const id of withAuthChains(ends, edges)) {
    for (const authId of edges(id)) {
      const dependents = authorizes.get(authId);
      if (dependents) dependents.push(id);
      else authorizes.set(authId, [id]);
    }
  }
  // All that was walked lies below a conflicted event; what also lies above one is on a path.
  const subgraph = new Set(ends);
  for (const id of subgraph) for (const dependent of authorizes.get(id) ?? []) subgraph.add(dependent);
  return subgraph;
}
