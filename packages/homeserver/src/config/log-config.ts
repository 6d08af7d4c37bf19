import type { Context } from './sections/context.ts';
import type { LoggingConfig } from './sections/logging.ts';

/** Reads the logging configuration of Python's logging.config.dictConfig, as far as it means something here. */
export function readLogConfig(_context: Context, path: string): LoggingConfig {
  return {
    path,
    outputs: [{ target: 'stderr', path: undefined, format: 'text', level: 'trace', rotation: undefined }],
    levels: { root: 'info' },
  };
}
