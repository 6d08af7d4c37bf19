export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export interface LoggingConfig {
  /** The file it was read from; undefined: the default, to the standard error. */
  readonly path: string | undefined;
  readonly outputs: readonly LogOutput[];
  /** Level by logger name, `root` for all others; a name covers the names below it (`synapse.storage.SQL`). */
  readonly levels: Readonly<Record<string, LogLevel>>;
}

export interface LogOutput {
  readonly target: 'stdout' | 'stderr' | 'file';
  /** For files: absolute. */
  readonly path: string | undefined;
  /** `auto`: text on a terminal, JSON otherwise. */
  readonly format: 'json' | 'text' | 'auto';
  readonly level: LogLevel;
  readonly rotation: LogRotation | undefined;
}

export interface LogRotation {
  /** Midnight of local time, or the period; undefined: by size alone. */
  readonly everyMs: number | 'midnight' | undefined;
  readonly maxBytes: number | undefined;
  readonly keep: number;
}
