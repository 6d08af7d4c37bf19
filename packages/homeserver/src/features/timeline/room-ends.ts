import type { Writer } from '@myelin/database';
import type { StoredEvent } from '../events/index.ts';
import type { EventNid } from '../names/index.ts';
import type { StateRoot } from '../state-map/index.ts';
import { statesAfter, type ResolutionScope, type StateResolver } from '../state-resolution/index.ts';
import type { EventPlacer } from './event-placer.ts';
import type { Restatement } from './projection.ts';
import type { RoomHead } from './room-heads.ts';

/** The state that the states after several events resolve to. Throws ResolutionBudgetError. */
export async function stateAfterAll(
  resolver: StateResolver,
  writer: Writer,
  scope: ResolutionScope,
  events: readonly StoredEvent[],
): Promise<StateRoot> {
  return resolver.store(writer, await resolver.resolve(scope, statesAfter(events), { reader: writer }));
}

/**
 * Gives a room other ends, and the state that they resolve to, and tells the projections. `event`: the one that the change
 * is told by. Throws ResolutionBudgetError.
 */
export async function restateEnds(
  { resolver, placer }: { readonly resolver: StateResolver; readonly placer: EventPlacer },
  writer: Writer,
  head: RoomHead,
  event: EventNid,
  extremities: readonly StoredEvent[],
): Promise<Restatement> {
  const state = await stateAfterAll(resolver, writer, head, extremities);
  return placer.restate(writer, head, event, { state, extremities });
}
