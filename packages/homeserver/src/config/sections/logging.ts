import { readLogConfig } from '../log-config.ts';
import type { LoggingConfig } from '../log-settings.ts';
import { optionalPath, type Context } from './context.ts';

export function readLogging(context: Context): LoggingConfig {
  const path = optionalPath(context, 'log_config');
  if (path !== undefined) return readLogConfig(context, path);
  return {
    path: undefined,
    outputs: [{ target: 'stderr', path: undefined, format: 'auto', level: 'trace', rotation: undefined }],
    levels: { root: 'info' },
  };
}
