export { checkEventForm, type EventForm } from './event-checks.ts';
export type { MemberStateSetter } from './member-state-setter.ts';
export { notInRoom, RoomAccess, type ReadAccess } from './room-access.ts';
export { RedactionLimits } from './redaction-limits.ts';
export { RoomEvents, type MessageCheck, type StateCheck, type StateEffect } from './room-events.ts';
export { roomEventsRoutes } from './routes.ts';
