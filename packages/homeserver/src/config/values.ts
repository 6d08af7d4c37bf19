import { ConfigError } from './config-error.ts';
import type { Option, OptionValue } from './option.ts';
import { options } from './option-table.ts';
import { parseDuration, parseSize } from './quantities.ts';

export type Mapping = Readonly<Record<string, unknown>>;

/** Where a value stands: the names in the table, the names in errors, and the file of each top-level option. */
interface Place {
  readonly table: string;
  readonly shown: string;
  readonly fileOf: (topLevel: string) => string | undefined;
  /** Called with the table's name of each option that is read. */
  readonly onRead: ((name: string) => void) | undefined;
}

/**
 * Typed reading of the configuration's values. Names are those of the option table below the place where these values
 * stand; a missing value or null gives the table's default. Every method throws ConfigError naming the option.
 */
export class Values {
  private readonly data: Mapping;
  private readonly place: Place;

  constructor(data: Mapping, place: Partial<Place> = {}) {
    this.data = data;
    this.place = { table: '', shown: '', fileOf: () => undefined, onRead: undefined, ...place };
  }

  /** True if the option is written in the file, also if it is null. */
  has(name: string): boolean {
    return this.lookup(name) !== undefined;
  }

  /** True if null is written in the file. */
  isNull(name: string): boolean {
    return this.lookup(name) === null;
  }

  boolean(name: string): boolean {
    const value = this.value(name, 'boolean');
    if (typeof value === 'boolean') return value;
    if (value === 1 || (typeof value === 'string' && /^(?:true|yes|on|1)$/i.test(value))) return true;
    // Null, where there is no default to fall back to.
    if (value === undefined) return false;
    if (value === 0 || (typeof value === 'string' && /^(?:false|no|off|0)$/i.test(value))) return false;
    throw this.wrong(name, 'true or false', value);
  }

  integer(name: string, min = 0, max: number = Number.MAX_SAFE_INTEGER): number {
    return this.optionalInteger(name, min, max) ?? this.absent(name);
  }

  optionalInteger(name: string, min = 0, max: number = Number.MAX_SAFE_INTEGER): number | undefined {
    const value = this.value(name, 'integer');
    if (value === undefined) return undefined;
    const given = typeof value === 'string' && /^[+-]?\d+$/.test(value) ? Number(value) : value;
    if (Number.isSafeInteger(given) && (given as number) >= min && (given as number) <= max) return given as number;
    throw this.wrong(
      name,
      max === Number.MAX_SAFE_INTEGER ? `a whole number from ${min}` : `a whole number from ${min} to ${max}`,
      value,
    );
  }

  /** A number of at least 0. */
  number(name: string): number {
    const value = this.value(name, 'number');
    if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
    throw value === undefined ? this.absent(name) : this.wrong(name, 'a number of at least 0', value);
  }

  string(name: string): string {
    return this.optionalString(name) ?? this.absent(name);
  }

  optionalString(name: string): string | undefined {
    const value = this.value(name, 'string');
    if (value === undefined || typeof value === 'string') return value;
    if (typeof value === 'number' && this.option(name).type.includes('number')) return String(value);
    const scalar = typeof value === 'number' || typeof value === 'boolean';
    throw this.wrong(name, scalar ? 'a text (put it in quotes)' : 'a text', value);
  }

  oneOf<const Choice extends string>(name: string, choices: readonly Choice[]): Choice {
    const value = this.value(name, 'one of');
    if (typeof value === 'string' && (choices as readonly string[]).includes(value)) return value as Choice;
    if (value === undefined) return this.absent(name);
    throw this.wrong(name, choices.length === 1 ? `${choices[0]}` : `one of ${choices.join(', ')}`, value);
  }

  /** Milliseconds. */
  duration(name: string): number {
    return this.optionalDuration(name) ?? this.absent(name);
  }

  optionalDuration(name: string): number | undefined {
    const value = this.value(name, 'duration');
    if (value === undefined) return undefined;
    const ms = parseDuration(value);
    if (ms !== undefined && ms >= 0) return ms;
    throw this.wrong(name, 'a duration such as 30s, 5m, 2h, 7d, 2w or a number of milliseconds', value);
  }

  /** Bytes (or pixels: whatever is counted). */
  size(name: string): number {
    return this.optionalSize(name) ?? this.absent(name);
  }

  optionalSize(name: string): number | undefined {
    const value = this.value(name, 'size');
    if (value === undefined) return undefined;
    const bytes = parseSize(value);
    if (bytes !== undefined && bytes >= 0) return bytes;
    throw this.wrong(name, 'a size such as 512K, 50M, 2G or a number of bytes', value);
  }

  strings(name: string): readonly string[] {
    return this.optionalStrings(name) ?? [];
  }

  optionalStrings(name: string): readonly string[] | undefined {
    const value = this.value(name, 'list');
    if (value === undefined) return undefined;
    const list = Array.isArray(value) ? (value as unknown[]) : [value];
    return list.map((item, at) => {
      if (typeof item === 'string') return item;
      if (typeof item === 'number') return String(item);
      throw this.fail(`${name}[${at}]`, `expected a text, not ${shown(item)}`);
    });
  }

  /** The items of a list of mappings, each with its own place; undefined if the option isn't given. */
  items(name: string): readonly Values[] | undefined {
    const value = this.value(name, 'list');
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) throw this.wrong(name, 'a list', value);
    return (value as unknown[]).map((item, at) => {
      if (!isMapping(item)) throw this.fail(`${name}[${at}]`, `expected a mapping, not ${shown(item)}`);
      return this.below(item, `${name}[].`, `${name}[${at}].`);
    });
  }

  /** The members of a mapping whose keys are free, each a mapping. */
  entries(name: string): readonly (readonly [key: string, values: Values])[] {
    return Object.entries(this.mapping(name) ?? {}).map(([key, item]) => {
      if (!isMapping(item)) throw this.fail(`${name}.${key}`, `expected a mapping, not ${shown(item)}`);
      return [key, this.below(item, `${name}.<key>.`, `${name}.${key}.`)] as const;
    });
  }

  mapping(name: string): Mapping | undefined {
    const value = this.value(name, 'map');
    if (value === undefined || isMapping(value)) return value;
    throw this.wrong(name, 'a mapping', value);
  }

  /** The value as it is in the file, or the table's default; null counts as not given. */
  raw(name: string): unknown {
    return this.value(name, '');
  }

  /** The option's name as it is shown to people. */
  path(name: string): string {
    return this.place.shown + name;
  }

  /** A ConfigError about an option here. */
  fail(name: string, problem: string): ConfigError {
    const option = this.path(name);
    return new ConfigError(problem, option, this.place.fileOf(option.split(/[.[]/)[0] ?? ''));
  }

  wrong(name: string, expected: string, value: unknown): ConfigError {
    return this.fail(name, `expected ${expected}, not ${shown(value)}`);
  }

  private value(name: string, type: string): unknown {
    const option = this.option(name);
    if (!option.type.includes(type))
      throw new Error(`${option.name} is a ${option.type} in the table, read as ${type}`);
    this.place.onRead?.(option.name);
    return this.lookup(name) ?? (option.fallback as OptionValue | undefined) ?? undefined;
  }

  private option(name: string): Option {
    const option = options.get(this.place.table + name);
    if (option === undefined) throw new Error(`${this.place.table}${name} isn't in the option table`);
    return option;
  }

  private lookup(name: string): unknown {
    let found: unknown = this.data;
    const parts = name.split('.');
    for (const [at, part] of parts.entries()) {
      if (found === undefined || found === null) return undefined;
      if (!isMapping(found)) throw this.wrong(parts.slice(0, at).join('.'), 'a mapping', found);
      found = Object.hasOwn(found, part) ? found[part] : undefined;
    }
    return found;
  }

  private below(data: Mapping, table: string, display: string): Values {
    return new Values(data, { ...this.place, table: this.place.table + table, shown: this.place.shown + display });
  }

  private absent(name: string): never {
    throw this.fail(name, 'is missing');
  }
}

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value for an error text: short, and without what may be secret inside of mappings. */
function shown(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (isMapping(value)) return 'a mapping';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
