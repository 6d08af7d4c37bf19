import type { EventWithId } from '../../auth/auth-state.ts';
import type { Pdu } from '../../events/event.ts';
import { compareCodePoints } from '../../json/canonical.ts';
import { resolveStateSets } from '../../state-resolution/state-sets.ts';
import { versionOf, type Category } from '../category.ts';

interface StateResolutionInput {
  readonly events: { readonly [id: string]: Pdu };
  readonly room_id: string;
  readonly state_sets: readonly string[][];
  /** Why isn't said: they are taken as rejected for good. */
  readonly rejected?: readonly string[];
}

/** What several states of a room resolve to. */
export const stateResolutionVectors: Category = {
  name: 'state-resolution',
  answer(vector) {
    const input = vector.input as unknown as StateResolutionInput;
    const events = new Map(
      Object.entries(input.events).map(([eventId, pdu]): [string, EventWithId] => {
        return [eventId, { eventId, pdu, rejected: input.rejected?.includes(eventId) ?? false }];
      }),
    );
    const resolved = resolveStateSets({
      version: versionOf(vector),
      roomId: input.room_id,
      stateSets: input.state_sets,
      event: (id) => events.get(id),
    });
    return { resolved: [...resolved.values()].sort(compareCodePoints) };
  },
};
