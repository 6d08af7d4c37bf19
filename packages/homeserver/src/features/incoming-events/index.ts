export type { CheckedPdu, IncomingEvents, RoomEntry, Verdict } from './incoming-events.ts';
