import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { TSchema } from 'typebox';

/** Why a value was refused: `missing` when something required is absent, otherwise it is there but wrong. */
export interface Invalid {
  /** A short sentence for the client that names the member and never holds its value. */
  readonly message: string;
  /** Dotted name of the member, for instance `filter.room_types.0`; empty for the value itself. */
  readonly member: string;
  readonly missing: boolean;
}

/** Returns undefined when the value fits its schema. */
export type Validator = (value: unknown) => Invalid | undefined;

export interface CompileOptions {
  /**
   * For path and query parameters, which arrive as text: the members are converted in place to the integers, booleans
   * and lists that the schema asks for. A key that was repeated where one value is wanted counts with its first value.
   */
  readonly coerce?: boolean;
}

/** Longest name of a member in a message: names may come from the client. */
const longestName = 100;

/** Compiles schemas; what it keeps between calls are the functions made of constant schemas. */
const ajv = new Ajv({
  allErrors: false,
  strict: true,
  allowUnionTypes: true,
  strictTuples: false,
  ownProperties: true,
  validateSchema: false,
  meta: false,
  messages: false,
  addUsedSchema: false,
});

/**
 * Makes a validator, once for a schema. It stops at the first thing wrong. Compiling takes about half a millisecond, so
 * it is put off until the first value comes: a server starts without compiling what nobody calls.
 */
export function compileValidator(schema: TSchema, options: CompileOptions = {}): Validator {
  let compiled: ValidateFunction | undefined;
  const fits = (value: unknown): Invalid | undefined => {
    compiled ??= ajv.compile(schema);
    return check(compiled, value);
  };
  if (!options.coerce) return fits;
  const coercions = memberCoercions(schema);
  return (value) => {
    if (typeof value === 'object' && value !== null) coerceMembers(value as Record<string, unknown>, coercions);
    return fits(value);
  };
}

function check(validate: ValidateFunction, value: unknown): Invalid | undefined {
  if (validate(value)) return undefined;
  // Where alternatives were tried, what fails last is the choice between them.
  return describe((validate.errors as ErrorObject[]).at(-1) as ErrorObject);
}

type Coercion = (value: unknown) => unknown;

function memberCoercions(schema: TSchema): readonly (readonly [name: string, coercion: Coercion])[] {
  const { properties = {} } = schema as { properties?: Record<string, { type?: string }> };
  return Object.entries(properties).map(([name, { type }]) => [name, coercionTo(type)] as const);
}

function coercionTo(type: string | undefined): Coercion {
  switch (type) {
    case 'array':
      return (value) => (Array.isArray(value) ? value : [value]);
    case 'integer':
      return (value) => toInteger(first(value));
    case 'boolean':
      return (value) => toBoolean(first(value));
    default:
      return first;
  }
}

const first: Coercion = (value) => (Array.isArray(value) ? value[0] : value);

/** Decimal digits that a number holds exactly; anything else stays text, which the schema then refuses. */
function toInteger(value: unknown): unknown {
  if (typeof value !== 'string' || !/^[+-]?[0-9]{1,16}$/.test(value)) return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function toBoolean(value: unknown): unknown {
  if (value === 'true') return true;
  return value === 'false' ? false : value;
}

function coerceMembers(target: Record<string, unknown>, coercions: ReturnType<typeof memberCoercions>): void {
  for (const [name, coercion] of coercions) {
    if (target[name] !== undefined) target[name] = coercion(target[name]);
  }
}

function describe(error: ErrorObject): Invalid {
  const path = error.instancePath.split('/').slice(1).map(unescapePointer);
  if (error.keyword === 'required') {
    const member = dotted([...path, (error.params as { missingProperty: string }).missingProperty]);
    return { message: `'${member}' is missing`, member, missing: true };
  }
  const member = dotted(path);
  return { message: `${member ? `'${member}'` : 'The content'} ${complaint(error)}`, member, missing: false };
}

/** JSON Pointer, RFC 6901 §3. */
function unescapePointer(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}

function dotted(path: readonly string[]): string {
  const name = path.join('.');
  return name.length > longestName ? `${name.slice(0, longestName)}…` : name;
}

const typeNames: Readonly<Record<string, string>> = {
  object: 'an object',
  array: 'a list',
  string: 'a string',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  null: 'null',
};

function complaint({ keyword, params }: ErrorObject): string {
  const { type, limit, allowedValues } = params as {
    type?: string | string[];
    limit?: number;
    allowedValues?: unknown[];
  };
  switch (keyword) {
    case 'type':
      return `must be ${[type]
        .flat()
        .map((name) => typeNames[name as string] ?? name)
        .join(' or ')}`;
    case 'enum':
      return `must be one of ${(allowedValues as unknown[]).map(String).join(', ')}`;
    case 'minimum':
      return `must be at least ${limit}`;
    case 'maximum':
      return `must be at most ${limit}`;
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return 'is too short';
    case 'maxLength':
    case 'maxItems':
    case 'maxProperties':
      return 'is too long';
    case 'pattern':
      return 'has a wrong format';
    default:
      return 'has a wrong type';
  }
}
