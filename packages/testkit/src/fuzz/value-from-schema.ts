import type { JsonSchema } from '../specification/index.ts';
import { hostileValues } from './hostile-values.ts';
import type { Seeded } from './seeded.ts';

interface Schema {
  type?: string | readonly string[];
  enum?: readonly unknown[];
  const?: unknown;
  format?: string;
  pattern?: string;
  minimum?: number;
  required?: readonly string[];
  properties?: Readonly<Record<string, JsonSchema>>;
  patternProperties?: Readonly<Record<string, JsonSchema>>;
  additionalProperties?: JsonSchema;
  items?: JsonSchema;
  oneOf?: readonly JsonSchema[];
  anyOf?: readonly JsonSchema[];
  allOf?: readonly JsonSchema[];
}

/** Names of things that exist, so that requests get beyond the first check: user ids, room ids, … by format. */
export type KnownNames = Readonly<Record<string, readonly string[]>>;

export interface ValueOptions {
  random: Seeded;
  known: KnownNames;
  /** How often a value is replaced by one that servers stumble over, 0 to 1. */
  hostility: number;
}

/** A value that fits the schema, but for the places that hostility has changed. */
export function valueFromSchema(schema: JsonSchema, options: ValueOptions, depth = 0): unknown {
  const { random, hostility } = options;
  if (random.chance(hostility)) return random.pick(hostileValues);
  if (typeof schema === 'boolean' || depth > 12) return random.pick(['text', 1, true, {}]);
  const one = schema as Schema;
  if (one.const !== undefined) return one.const;
  if (one.enum) return random.pick(one.enum);
  const choices = one.oneOf ?? one.anyOf;
  if (choices) return valueFromSchema(random.pick(choices), options, depth + 1);
  if (one.allOf) {
    const parts = [{ ...one, allOf: undefined } as unknown as JsonSchema, ...one.allOf];
    const values = parts.map((part) => valueFromSchema(part, options, depth + 1));
    const objects = values.filter((value) => typeof value === 'object' && value !== null && !Array.isArray(value));
    return objects.length > 0 ? Object.assign({}, ...(objects as object[])) : values.at(-1);
  }
  const type = typeof one.type === 'object' ? random.pick(one.type) : one.type;
  if (type === 'array') {
    return Array.from({ length: random.below(4) }, () => valueFromSchema(one.items ?? {}, options, depth + 1));
  }
  if (type === 'object' || one.properties || one.additionalProperties) return objectFrom(one, options, depth);
  return scalarFrom(type, one, options);
}

function objectFrom(schema: Schema, options: ValueOptions, depth: number): Record<string, unknown> {
  const { random, hostility } = options;
  const result: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(schema.properties ?? {})) {
    const required = schema.required?.includes(name) ?? false;
    if (required ? random.chance(hostility) : random.chance(0.4)) continue;
    result[name] = valueFromSchema(part, options, depth + 1);
  }
  const more = schema.additionalProperties ?? Object.values(schema.patternProperties ?? {})[0];
  if (more !== undefined && more !== false) {
    for (let count = random.below(3); count > 0; count -= 1) {
      result[textFor('key', options)] = valueFromSchema(more, options, depth + 1);
    }
  }
  return result;
}

function scalarFrom(type: string | undefined, schema: Schema, options: ValueOptions): unknown {
  const { random } = options;
  if (type === 'integer') return Math.max(schema.minimum ?? 0, random.pick([0, 1, 2, 50, 1_000, 60_000]));
  if (type === 'number') return random.pick([0, 0.5, 1, 100]);
  if (type === 'boolean') return random.chance(0.5);
  return textFor(schema.format ?? '', options);
}

/** A text of a format, or of a parameter's name, preferably one that exists. */
export function textFor(format: string, { random, known }: ValueOptions): string {
  const names = known[format] ?? Object.values(known).flat();
  return random.chance(0.7) && names.length > 0 ? random.pick(names) : `text-${random.below(1_000)}`;
}
