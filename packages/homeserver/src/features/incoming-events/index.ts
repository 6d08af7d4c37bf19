export { Breather } from './breather.ts';
export type { Examined } from './event-checker.ts';
export { EventIntake, type EventIntakeParts } from './event-intake.ts';
export type { CheckedPdu, IncomingEvents, RoomEntry, Verdict } from './incoming-events.ts';
