export * from './config/index.ts';
export { Passwords } from './features/accounts/index.ts';
export { createLog, silentLog, type Log } from './observability/log.ts';
export { openLog, type OpenLog } from './observability/open-log.ts';
export { schemaVersions, startServer, type RunningServer, type StartOptions } from './server.ts';
