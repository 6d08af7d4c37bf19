import { pino, type Logger } from 'pino';
import type { LoggingConfig } from '../config/index.ts';
import { openLog } from './open-log.ts';

/** Structured logs: an object of facts and a sentence. Never secrets, tokens or the content of messages. */
export type Log = Logger;

/** A log as `log_config` says. */
export function createLog(config: LoggingConfig): Log {
  return openLog(config).log;
}

/** For tests. */
export const silentLog: Log = pino({ level: 'silent' });
