import type { Writer } from '@myelin/database';
import type { StoredEvent } from '../events/index.ts';
import type { EventNid } from '../names/index.ts';
import type { PartialRooms } from '../partial-rooms/index.ts';
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

interface RestatementParts {
  readonly resolver: StateResolver;
  readonly placer: EventPlacer;
}

/**
 * Gives a room other ends, and the state that they resolve to, and tells the projections. `event`: the one that the change
 * is told by. Throws ResolutionBudgetError.
 */
export async function restateEnds(
  parts: RestatementParts & { readonly partialRooms: Pick<PartialRooms, 'lackMembers'> },
  writer: Writer,
  head: RoomHead,
  event: EventNid,
  extremities: readonly StoredEvent[],
): Promise<Restatement> {
  const lacksMembers = await parts.partialRooms.lackMembers(head.room, extremities, writer);
  return restate(parts, writer, head, event, extremities, lacksMembers);
}

/** As `restateEnds`, where the states after the ends have been found out with all members, whatever is still noted of them. */
export function restateWholeEnds(
  parts: RestatementParts,
  writer: Writer,
  head: RoomHead,
  event: EventNid,
  extremities: readonly StoredEvent[],
): Promise<Restatement> {
  return restate(parts, writer, head, event, extremities, false);
}

async function restate(
  { resolver, placer }: RestatementParts,
  writer: Writer,
  head: RoomHead,
  event: EventNid,
  extremities: readonly StoredEvent[],
  lacksMembers: boolean,
): Promise<Restatement> {
  const state = await stateAfterAll(resolver, writer, head, extremities, lacksMembers);
  return placer.restate(writer, head, event, { state, extremities });
}
