import type { RoomNid } from '../names/index.ts';

/** `rc_joins_per_room`. Implemented by `features/membership`. Throws M_LIMIT_EXCEEDED. */
export interface JoinLimits {
  /** Refuses, without counting, where too many join at the moment. */
  joinFromElsewhere(room: RoomNid): void;
  countJoinFromElsewhere(room: RoomNid): void;
}
