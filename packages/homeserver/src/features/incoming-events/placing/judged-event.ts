import { asStored, type StoredEvent } from '../../events/index.ts';
import type { EventNid } from '../../names/index.ts';
import { emptyState } from '../../state-map/index.ts';
import type { EventWay, UnplacedEvent } from '../../timeline/index.ts';
import type { Unwanted } from '../../policy-servers/index.ts';
import type { StateClaim } from '../checking/claims.ts';
import type { CheckedPdu } from '../incoming-events.ts';
import type { PlaceInGraph } from './states-before.ts';

/** An event whose place in the graph is known, and what its own history says of it. */
export interface JudgedEvent {
  readonly nid: EventNid;
  /** The server that told it. */
  readonly origin: string;
  readonly way: EventWay;
  readonly pdu: CheckedPdu;
  readonly unplaced: UnplacedEvent;
  /** The event itself, if it is stored already without a place. */
  readonly outlier: StoredEvent | undefined;
  readonly authEvents: readonly EventNid[];
  readonly place: PlaceInGraph;
  /** What its auth events say the state is; only where the state isn't known as a whole. */
  readonly claimed: readonly StateClaim[];
  /** Why it is rejected, if it is. */
  readonly refusal: readonly [code: string, reason: string] | undefined;
  /** Why the room's policy server doesn't want it, if it doesn't, and the event that names that server. */
  readonly unwanted?: Unwanted | undefined;
}

/** An event as it stands before it is stored, for state resolution. */
export function pendingEvent({ nid, unplaced, outlier }: JudgedEvent): StoredEvent {
  const place = { position: undefined, stateBefore: emptyState, stateAfter: emptyState, status: 0 };
  return outlier?.with(place) ?? asStored(nid, { ...unplaced, ...place });
}
