import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { JsonSchema } from './operations.ts';

const longestReport = 8;

/** Formats of the specification's schemas. Numbers beyond 2^53-1 can't be seen here: JSON.parse has rounded them. */
const formats = {
  int64: { type: 'number' as const, validate: (value: number) => Number.isInteger(value) },
  float: { type: 'number' as const, validate: () => true },
  uri: (value: string) => URL.canParse(value),
  email: /^[^@\s]+@[^@\s]+$/,
  'mx-event-id': /^\$/,
  'mx-user-id': /^@[^:]*:.+/,
  'mx-room-id': /^!/,
  'mx-room-alias': /^#[^:]*:.+/,
  'mx-mxc-uri': /^mxc:\/\/[^/]+\/[^/]+$/,
  'mx-server-name': /^[^\s/]+$/,
  'mx-unpadded-base64': /^[A-Za-z0-9+/]*$/,
};

/** Checks values against JSON Schemas (2020-12), each compiled once. */
export class SchemaChecker {
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false, formats });
  readonly #compiled = new WeakMap<object, ValidateFunction>();

  /** Readable problems, at most a handful; empty when the value fits. */
  check(schema: JsonSchema, value: unknown): string[] {
    if (typeof schema === 'boolean') return schema ? [] : ['nothing is allowed here'];
    let validate = this.#compiled.get(schema);
    if (!validate) {
      validate = this.#ajv.compile(schema);
      this.#compiled.set(schema, validate);
    }
    if (validate(value)) return [];
    const errors = validate.errors ?? [];
    return errors.slice(0, longestReport).map(({ instancePath, message, params }) => {
      const extra = 'additionalProperty' in params ? ` (${String(params['additionalProperty'])})` : '';
      return `${instancePath === '' ? 'the body' : instancePath} ${message ?? 'is wrong'}${extra}`;
    });
  }
}
