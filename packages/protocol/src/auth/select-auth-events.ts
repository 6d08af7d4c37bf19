import type { RoomVersion } from '../room-versions.ts';
import type { AuthState, AuthSubject, EventWithId } from './auth-state.ts';
import { authTypesForEvent } from './auth-types.ts';

/**
 * The auth events of an event that is about to be made, from the state before it (Server-Server API §5.1, "Auth events
 * selection"): what its `auth_events` shall name. In version 12 the create event isn't among them.
 */
export function selectAuthEvents(
  event: Pick<AuthSubject, 'type' | 'sender' | 'state_key' | 'content'>,
  state: AuthState,
  version: RoomVersion,
): EventWithId[] {
  const selected: EventWithId[] = [];
  for (const { type, stateKey } of authTypesForEvent(event, version)) {
    const found = state.get(type, stateKey);
    if (found) selected.push(found);
  }
  return selected;
}
