export { EventFeed } from './event-feed.ts';
export { asStored, type NewStoredEvent } from './event-rows.ts';
export { Events } from './events.ts';
export { eventsMigrations } from './migrations.ts';
export { eventStatus, forRules, StoredEvent, type StoredEventFields } from './stored-event.ts';
export type { TimelinePoint } from './event-timeline.ts';
