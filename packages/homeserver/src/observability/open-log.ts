import { pino, type Level, type Logger } from 'pino';
import type { LoggingConfig, LogOutput } from '../config/index.ts';
import { LogFile } from './log-file.ts';
import { loggedError } from './logged-error.ts';
import { readableLine } from './log-text.ts';

export interface OpenLog {
  readonly log: Logger;
  /** Opens the files anew, after an outside program has moved them away. */
  reopen(): void;
}

/** Opens the outputs that `log_config` names; `stackOf` may rewrite the stacks of errors. Throws if a file can't be opened. */
export function openLog(config: LoggingConfig, stackOf: (stack: string) => string = (stack) => stack): OpenLog {
  const outputs = config.outputs.map((output) => ({ level: output.level, output: openOutput(output) }));
  const streams = outputs.flatMap(({ level, output }) =>
    level === 'silent' ? [] : [{ level: level as Level, stream: output }],
  );
  const err = (error: unknown): unknown => loggedError(error, stackOf);
  const log = pino({ level: config.levels['root'] ?? 'info', serializers: { err } }, pino.multistream(streams));
  return {
    log,
    reopen: () => outputs.forEach(({ output }) => output.reopen()),
  };
}

interface Output {
  write(line: string): void;
  reopen(): void;
}

function openOutput(output: LogOutput): Output {
  return output.target === 'file' && output.path !== undefined
    ? fileOutput(output, output.path)
    : consoleOutput(output);
}

function fileOutput(output: LogOutput, path: string): Output {
  const file = new LogFile(path, output.rotation);
  const asText = output.format === 'text';
  return {
    write: (line) => file.write(asText ? readableLine(line) : line, timeOf(line)),
    reopen: () => file.reopen(),
  };
}

function consoleOutput({ target, format }: LogOutput): Output {
  const terminal = target === 'stdout' ? process.stdout.isTTY : process.stderr.isTTY;
  const asText = format === 'text' || (format === 'auto' && terminal === true);
  const destination = pino.destination({ dest: target === 'stdout' ? 1 : 2, sync: true });
  destination.on('error', () => {});
  return {
    write: (line) => void destination.write(asText ? readableLine(line) : line),
    reopen: () => {},
  };
}

function timeOf(line: string): number {
  return Number(/"time":(\d+)/.exec(line)?.[1] ?? 0);
}
