import { fileProblem } from './config-files.ts';
import { resolve } from 'node:path';
import type { Context } from './sections/context.ts';
import type { LoggingConfig, LogLevel, LogOutput, LogRotation } from './log-settings.ts';
import { isMapping, type Mapping } from './values.ts';
import { parseYaml } from './yaml.ts';

/**
 * Reads the logging configuration of Python's logging.config.dictConfig (version 1) as far as it means something here:
 * levels of loggers, handlers to console and files with their rotation, formatters that make JSON. What has no counterpart
 * is said.
 */
export function readLogConfig(context: Context, path: string): LoggingConfig {
  const settings = readFile(context, path);
  const fail = (problem: string): Error => context.values.fail('log_config', `the file ${path}: ${problem}`);
  if (settings['structured'] || settings['drains'])
    throw fail(
      '`structured` and `drains` are gone; use formatters of class synapse.logging.JsonFormatter or TerseJsonFormatter',
    );
  const handlers = mappingsOf(settings['handlers']);
  const json = jsonFormatters(mappingsOf(settings['formatters']));
  const outputs = new Map<string, LogOutput>();
  const levels: Record<string, LogLevel> = { root: 'warn' };
  const notice = (problem: string): void => context.notice(`log_config: the file ${path}: ${problem}`);

  const use = (names: unknown): void => {
    for (const name of Array.isArray(names) ? (names as unknown[]) : []) {
      const key = String(name);
      if (!(key in handlers)) throw fail(`there is no handler ${JSON.stringify(key)}`);
      const output = outputs.get(key) ?? readHandler(key, handlers, json, context, notice);
      if (output !== undefined) outputs.set(key, output);
    }
  };
  const loggers = { ...mappingsOf(settings['loggers']), root: isMapping(settings['root']) ? settings['root'] : {} };
  for (const [name, logger] of Object.entries(loggers)) {
    const level = levelOf(logger['level']);
    if (level === undefined && logger['level'] !== undefined)
      throw fail(`loggers.${name}.level: there is no level ${JSON.stringify(logger['level'])}`);
    if (level !== undefined) levels[name] = level;
    // Libraries of Python's have no counterpart; their handlers are left out without a word.
    if (name === 'root' || name === '' || name === 'synapse') use(logger['handlers']);
    else if (name.startsWith('synapse.') && logger['handlers'] !== undefined)
      notice(`the handlers of ${name} are not honoured: its lines go where those of root go`);
  }
  if (levels[''] !== undefined) levels['root'] = levels[''];
  const statements = levels['synapse.storage.SQL'];
  if (statements === 'debug' || statements === 'trace')
    notice('synapse.storage.SQL: the statements of the database are not logged');
  const found = [...new Set(outputs.values())];
  // As Python does without handlers: warnings still reach the console.
  const lastResort: LogOutput = {
    target: 'stderr',
    path: undefined,
    format: 'auto',
    level: 'warn',
    rotation: undefined,
  };
  return { path, outputs: found.length > 0 ? found : [lastResort], levels };
}

/**
 * The level that is set for a logger of this server, by the longest name that covers it: `synapse.http` for
 * `http.server`, `synapse` for all. Undefined: none but root's.
 */
export function levelOfLogger(logging: Pick<LoggingConfig, 'levels'>, logger: string): LogLevel | undefined {
  for (let name = `synapse.${logger}`; name !== ''; name = name.slice(0, Math.max(name.lastIndexOf('.'), 0))) {
    const level = logging.levels[name];
    if (level !== undefined) return level;
  }
  return undefined;
}

function readFile({ files, values }: Context, path: string): Mapping {
  let text: string;
  try {
    text = files.readText(path);
  } catch (error) {
    throw values.fail('log_config', `the file ${path} ${fileProblem(error)}`);
  }
  try {
    const { value } = parseYaml(text);
    if (isMapping(value)) return value;
  } catch (error) {
    throw values.fail('log_config', `the file ${path}: ${(error as Error).message}`);
  }
  throw values.fail('log_config', `the file ${path} is empty or isn't a mapping`);
}

function readHandler(
  name: string,
  handlers: Readonly<Record<string, Mapping>>,
  json: ReadonlySet<string>,
  context: Context,
  notice: (problem: string) => void,
  above: readonly string[] = [],
): LogOutput | undefined {
  const handler = handlers[name] ?? {};
  const kind =
    String(handler['class'] ?? handler['()'] ?? '')
      .split('.')
      .at(-1) ?? '';
  const common = {
    path: undefined,
    format: formatOf(handler['formatter'], json),
    level: levelOf(handler['level']) ?? ('trace' as const),
    rotation: undefined,
  };
  // These two only gather lines for another handler.
  if (kind === 'MemoryHandler' || kind === 'PeriodicallyFlushingMemoryHandler') {
    const target = String(handler['target']);
    if (above.includes(target) || !(target in handlers)) return undefined;
    return readHandler(target, handlers, json, context, notice, [...above, name]);
  }
  if (kind === 'StreamHandler')
    return { ...common, target: handler['stream'] === 'ext://sys.stdout' ? 'stdout' : 'stderr' };
  if (/^(?:(?:Timed)?Rotating|Watched|)FileHandler$/.test(kind) && typeof handler['filename'] === 'string') {
    return {
      ...common,
      target: 'file',
      path: resolve(context.cwd, handler['filename']),
      rotation: rotationOf(kind, handler),
    };
  }
  if (kind !== 'NullHandler')
    notice(`the handler ${name} (${kind || 'without a class'}) has no counterpart and is left out`);
  return undefined;
}

function formatOf(formatter: unknown, json: ReadonlySet<string>): LogOutput['format'] {
  if (formatter === undefined || formatter === null) return 'auto';
  return json.has(String(formatter)) ? 'json' : 'text';
}

const periods: Readonly<Record<string, number>> = { S: 1000, M: 60_000, H: 3_600_000, D: 86_400_000 };

function rotationOf(kind: string, handler: Mapping): LogRotation | undefined {
  const keep = Number(handler['backupCount'] ?? 0) || 0;
  if (kind === 'RotatingFileHandler') {
    const maxBytes = Number(handler['maxBytes'] ?? 0) || 0;
    return maxBytes > 0 && keep > 0 ? { everyMs: undefined, maxBytes, keep } : undefined;
  }
  if (kind !== 'TimedRotatingFileHandler') return undefined;
  const when = String(handler['when'] ?? 'h').toUpperCase();
  const weekly = /^W[0-6]$/.test(when) ? 7 * 86_400_000 : undefined;
  const period = periods[when] ?? weekly;
  return {
    everyMs: period === undefined ? 'midnight' : period * (Number(handler['interval'] ?? 1) || 1),
    maxBytes: undefined,
    keep,
  };
}

function jsonFormatters(formatters: Readonly<Record<string, Mapping>>): ReadonlySet<string> {
  const makesJson = (formatter: Mapping): boolean => /json/i.test(String(formatter['class'] ?? formatter['()'] ?? ''));
  return new Set(Object.entries(formatters).flatMap(([name, formatter]) => (makesJson(formatter) ? [name] : [])));
}

function levelOf(level: unknown): LogLevel | undefined {
  if (typeof level === 'number') {
    const steps = [
      [0, 'trace'],
      [10, 'debug'],
      [20, 'info'],
      [30, 'warn'],
      [40, 'error'],
      [50, 'fatal'],
    ] as const;
    return steps.find(([limit]) => level <= limit)?.[1] ?? 'silent';
  }
  const names: Readonly<Record<string, LogLevel>> = {
    NOTSET: 'trace',
    DEBUG: 'debug',
    INFO: 'info',
    WARN: 'warn',
    WARNING: 'warn',
    ERROR: 'error',
    CRITICAL: 'fatal',
    FATAL: 'fatal',
  };
  return typeof level === 'string' ? names[level.toUpperCase()] : undefined;
}

function mappingsOf(value: unknown): Readonly<Record<string, Mapping>> {
  return Object.fromEntries(
    Object.entries(isMapping(value) ? value : {}).filter((entry): entry is [string, Mapping] => isMapping(entry[1])),
  );
}
