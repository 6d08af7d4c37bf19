import type { RoomVersion } from '../../room-versions.ts';
import type { AuthState, AuthSubject, EventWithId } from '../auth-state.ts';
import { refuse, type AuthRefusal } from '../decision.ts';
import type { PowerLevels } from '../power-levels.ts';

/** What a rule gets: the event and the state that it is checked against. */
export interface AuthCheck {
  readonly event: AuthSubject;
  readonly create: EventWithId;
  readonly state: AuthState;
  readonly levels: PowerLevels;
  readonly version: RoomVersion;
}

/** The m.room.power_levels in force has a value that this event's check needs and that is no level. */
export function unreadableLevel(): AuthRefusal {
  return refuse('power-level-unreadable', 'm.room.power_levels has a value that is not a power level');
}
