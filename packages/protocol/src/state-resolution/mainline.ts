import type { EventWithId } from '../auth/auth-state.ts';
import type { Level } from '../auth/level.ts';
import { compareCodePoints } from '../json/canonical.ts';
import { timestampOf } from './power-ordering.ts';
import type { Resolution } from './resolution.ts';
import type { ResolutionWorkspace } from './workspace.ts';

const powerLevelsType = 'm.room.power_levels';

/**
 * Sorts events by the *mainline ordering* based on a power levels event (Room Version 2); without one all positions are
 * the same. The auth events of the events must have been loaded.
 */
export function* mainlineSorted(
  work: ResolutionWorkspace,
  events: readonly EventWithId[],
  powerLevels: EventWithId | undefined,
): Resolution<EventWithId[]> {
  const nearest = events.map((event) => work.authEventOfType(event, powerLevelsType));
  const positions = yield* mainlinePositions(work, nearest, powerLevels);
  yield { kind: 'pause' };
  const placed: Placed[] = events.map((event, index) => {
    const levels = nearest[index];
    const position = (levels && positions.get(levels.eventId)) ?? Infinity;
    return { event, position, timestamp: timestampOf(event) };
  });
  return placed.sort(compare).map(({ event }) => event);
}

interface Placed {
  readonly event: EventWithId;
  /** Infinity if no power levels event that it goes back to is on the mainline. */
  readonly position: number;
  readonly timestamp: Level;
}

function compare(x: Placed, y: Placed): number {
  if (x.position !== y.position) return x.position > y.position ? -1 : 1;
  if (x.timestamp !== y.timestamp) return x.timestamp < y.timestamp ? -1 : 1;
  return compareCodePoints(x.event.eventId, y.event.eventId);
}

/**
 * Positions on the mainline of the power levels events `nearest`, or of the first event on the mainline that each goes
 * back to. The mainline is followed only as far as it takes to find them.
 */
function* mainlinePositions(
  work: ResolutionWorkspace,
  nearest: readonly (EventWithId | undefined)[],
  powerLevels: EventWithId | undefined,
): Resolution<Map<string, number>> {
  const positions = new Map<string, number>();
  const missing = new Map<string, EventWithId>();
  for (const event of nearest) if (event) missing.set(event.eventId, event);
  if (powerLevels) missing.delete(powerLevels.eventId);
  if (!powerLevels || missing.size === 0) return powerLevels ? positions.set(powerLevels.eventId, 0) : positions;
  const events = [...missing.keys()];
  const told = (yield { kind: 'mainline', powerLevels: powerLevels.eventId, events }) as readonly number[] | undefined;
  if (told) {
    positions.set(powerLevels.eventId, 0);
    for (const [i, id] of events.entries()) positions.set(id, told[i] as number);
    return positions;
  }
  let next: EventWithId | undefined = powerLevels;
  while (next && missing.size > 0 && !positions.has(next.eventId)) {
    positions.set(next.eventId, positions.size);
    missing.delete(next.eventId);
    if (missing.size > 0) next = yield* previousLevels(work, next);
  }
  for (const event of missing.values()) yield* placeBranch(work, event, positions);
  return positions;
}

/** Follows a branch of power levels events back to the mainline and gives all of it the position where it arrives. */
function* placeBranch(work: ResolutionWorkspace, start: EventWithId, positions: Map<string, number>): Resolution<void> {
  const branch = new Set<string>();
  let event: EventWithId | undefined = start;
  while (event && !positions.has(event.eventId) && !branch.has(event.eventId)) {
    branch.add(event.eventId);
    event = yield* previousLevels(work, event);
  }
  const position = (event && positions.get(event.eventId)) ?? Infinity;
  for (const id of branch) positions.set(id, position);
}

function* previousLevels(work: ResolutionWorkspace, event: EventWithId): Resolution<EventWithId | undefined> {
  yield* work.loadAuthEvents([event]);
  return work.authEventOfType(event, powerLevelsType);
}
