import type { Writer } from '@myelin/database';
import type { StoredEvent } from '../events/index.ts';
import type { EventNid } from '../names/index.ts';
import type { StateRoot } from '../state-map/index.ts';
import { statesAfter, type ResolutionScope, type StateResolver } from '../state-resolution/index.ts';
import type { EventPlacer } from './event-placer.ts';
import type { Restatement } from './projection.ts';
import type { RoomHead } from './room-heads.ts';

/** The state that the states after several events resolve to; `lacksMembers`: as in ResolveOptions. Throws ResolutionBudgetError. */
export async function stateAfterAll(
  resolver: StateResolver,
  writer: Writer,
  scope: ResolutionScope,
  events: readonly StoredEvent[],
  lacksMembers: boolean,
): Promise<StateRoot> {
  const options = { reader: writer, lacksMembers };
  return resolver.store(writer, await resolver.resolve(scope, statesAfter(events), options));
}

/**
 * Gives a room other ends, and the state that they resolve to, and tells the projections. `event`: the one that the change
 * is told by; `lacksMembers`: whether some of the ends lack members who aren't known yet. Throws ResolutionBudgetError.
 */
export async function restateEnds(
  { resolver, placer }: { readonly resolver: StateResolver; readonly placer: EventPlacer },
  writer: Writer,
  head: RoomHead,
  event: EventNid,
  extremities: readonly StoredEvent[],
  lacksMembers = false,
): Promise<Restatement> {
  const state = await stateAfterAll(resolver, writer, head, extremities, lacksMembers);
  return placer.restate(writer, head, event, { state, extremities });
}
