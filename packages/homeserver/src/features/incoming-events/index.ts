export { EventJudge, idsOfAuthEvents } from './checking/event-judge.ts';
export { EventIntake } from './event-intake.ts';
export type { CheckedPdu, IncomingEvents } from './incoming-events.ts';
export { MissingEventsError } from './missing-events-error.ts';
export { incomingEventsMigrations } from './migrations.ts';
