import { levelOfLogger, type LoggingConfig } from '../config/index.ts';
import type { Log } from './log.ts';

/**
 * The parts of the server whose levels can be set one by one in `log_config`, by the names that they have in Synapse's
 * logs (there with `synapse.` before them).
 */
export type LogArea =
  /** A line for each request. */
  | 'access.http'
  /** Faults of ours while answering. */
  | 'http.server'
  | 'handlers'
  | 'handlers.presence'
  | 'handlers.e2e_keys'
  | 'handlers.sync'
  | 'handlers.search'
  | 'federation'
  | 'media'
  | 'storage';

/** The log of a part: with that part's level, if `log_config` sets one for it or what it is in, else with the log's own. */
export function areaLog(log: Log, logging: Pick<LoggingConfig, 'levels'>, area: LogArea): Log {
  const level = levelOfLogger(logging, area);
  return log.child({ name: `synapse.${area}` }, level === undefined ? {} : { level });
}
