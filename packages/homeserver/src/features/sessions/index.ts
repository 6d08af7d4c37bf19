export { Login } from './login.ts';
export { Logout } from './logout.ts';
export { sessionsMigrations } from './migrations.ts';
export { sessionsRoutes } from './routes.ts';
export { sessionAnswer } from './session-answer.ts';
export { Sessions, type NewSession } from './sessions.ts';
