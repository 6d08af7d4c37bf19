export { checkEventForm } from './event-checks.ts';
export { notInRoom, RoomAccess, type ReadAccess } from './room-access.ts';
export { RedactionLimits } from './redaction-limits.ts';
export { RoomEvents } from './room-events.ts';
export { roomEventsRoutes } from './routes.ts';
