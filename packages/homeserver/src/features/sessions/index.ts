export { sessionsMigrations } from './migrations.ts';
export { Sessions, type NewSession, type SessionLifetimes, type SessionParts } from './sessions.ts';
