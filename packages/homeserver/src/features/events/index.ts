export { Events, type NewStoredEvent, type TimelinePoint } from './events.ts';
export { eventsMigrations } from './migrations.ts';
export { eventStatus, StoredEvent, type StoredEventFields } from './stored-event.ts';
