export { MessageActivity } from './message-activity.ts';
export { presenceMigrations } from './migrations.ts';
export { PresenceStore } from './presence-store.ts';
export { Presence } from './presence.ts';
export { presenceRoutes } from './routes.ts';
