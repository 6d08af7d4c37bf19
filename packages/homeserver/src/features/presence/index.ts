export { MessageActivity } from './message-activity.ts';
export { presenceMigrations } from './migrations.ts';
export type { PresenceState } from './presence-record.ts';
export { PresenceStore } from './presence-store.ts';
export { Presence } from './presence.ts';
export type { RemotePresence } from './remote-presence-record.ts';
export { presenceRoutes } from './routes.ts';
