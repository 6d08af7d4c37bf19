import { loadEventSchemas, loadOperations, apis, type Api, type JsonSchema, type Operation } from './operations.ts';
import { SchemaChecker } from './schema-checker.ts';

/** An answer as the checks see it. `body` is the parsed JSON, or undefined where the answer isn't JSON. */
export interface CheckedAnswer {
  status: number;
  contentType: string | undefined;
  body: unknown;
}

/** The shape of every error. Client-Server API §2.2. */
const errorSchema: JsonSchema = {
  type: 'object',
  required: ['errcode', 'error'],
  properties: {
    errcode: { type: 'string', pattern: '^[A-Z][A-Z0-9_]*$|^[a-z][a-zA-Z0-9_.-]*\\.[A-Z][A-Z0-9_]*$' },
    error: { type: 'string', minLength: 1 },
    retry_after_ms: { type: 'integer', minimum: 0 },
  },
};

/** The specification's operations and the checks of answers against their schemas. */
export class Specification {
  readonly operations: readonly Operation[];
  readonly #byKey: ReadonlyMap<string, Operation>;
  readonly #routes: readonly { method: string; pattern: RegExp; literals: number; operation: Operation }[];
  readonly #events: Readonly<Record<string, JsonSchema>>;
  readonly #checker = new SchemaChecker();

  constructor() {
    this.operations = apis.flatMap((api) => loadOperations(api));
    this.#byKey = new Map(this.operations.map((operation) => [`${operation.api} ${operation.id}`, operation]));
    this.#routes = this.operations
      .filter(({ api }) => api === 'client-server' || api === 'server-server')
      .map((operation) => ({
        method: operation.method,
        pattern: pathPattern(operation.path),
        literals: operation.path.replaceAll(/\{[^}]*\}/g, '').length,
        operation,
      }))
      .sort((a, b) => b.literals - a.literals);
    this.#events = loadEventSchemas();
  }

  /** The operation by its operationId, of the client-server API unless said otherwise. */
  operation(id: string, api: Api = 'client-server'): Operation | undefined {
    return this.#byKey.get(`${api} ${id}`);
  }

  /** The operation that a request is for, any version of the client-server API taken for today's. */
  match(method: string, path: string): Operation | undefined {
    return this.#routes.find((route) => route.method === method && route.pattern.test(path))?.operation;
  }

  /** What is wrong with an answer of an operation; empty when nothing is. */
  checkAnswer(operation: Operation, answer: CheckedAnswer): string[] {
    const { status, body, contentType } = answer;
    const listed = operation.responses[String(status)] ?? operation.responses[`${String(status)[0]}XX`];
    if (isErrorAnswer(status, body)) return this.#checkError(operation, answer);
    if (!listed) {
      if (status >= 400) return this.checkError(answer);
      return [`the specification lists no answer ${status} for ${operation.id}`];
    }
    const schema = listed.content?.['application/json']?.schema;
    if (schema === undefined) return [];
    if (listed.content && Object.keys(listed.content).length > 1 && !isJson(contentType)) return [];
    if (!isJson(contentType)) return [`content type is ${contentType ?? 'missing'}, not application/json`];
    return this.#checker.check(schema, body);
  }

  /** What is wrong with an answer as a Matrix error. */
  checkError(answer: CheckedAnswer): string[] {
    if (!isJson(answer.contentType)) {
      return [`an error with content type ${answer.contentType ?? 'missing'}, not application/json`];
    }
    return this.#checker.check(errorSchema, answer.body);
  }

  /** What is wrong with an event by the schema of its type; nothing is known of types without a schema. */
  checkEvent(type: string, event: unknown): string[] {
    const schema = this.#events[type];
    return schema === undefined ? [] : this.#checker.check(schema, event);
  }

  /** What is wrong with a value by a schema of ours. */
  checkSchema(schema: JsonSchema, value: unknown): string[] {
    return this.#checker.check(schema, value);
  }

  #checkError(operation: Operation, answer: CheckedAnswer): string[] {
    const problems = this.checkError(answer);
    if (answer.status === 429 && (answer.body as { errcode?: unknown }).errcode !== 'M_LIMIT_EXCEEDED') {
      problems.push('429 without M_LIMIT_EXCEEDED');
    }
    const schema = operation.responses[String(answer.status)]?.content?.['application/json']?.schema;
    // A 401 is listed for user-interactive authentication; the same status also says that a token is wrong.
    if (schema !== undefined && answer.status !== 401) problems.push(...this.#checker.check(schema, answer.body));
    return problems;
  }
}

/** An error, and not a step of user-interactive authentication (which may carry an errcode beside its flows). */
function isErrorAnswer(status: number, body: unknown): boolean {
  return status >= 400 && typeof body === 'object' && body !== null && 'errcode' in body && !('flows' in body);
}

function isJson(contentType: string | undefined): boolean {
  return contentType !== undefined && /^application\/json\s*(;|$)/.test(contentType);
}

function pathPattern(path: string): RegExp {
  const parts = path.split('/').map((part) => {
    if (/^\{[^}]*\}$/.test(part)) return '[^/]*';
    return part.replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`);
  });
  const joined = parts.join('/').replace(/^\/_matrix\/(client|media)\/v\d+\//, '/_matrix/$1/(?:v\\d+|r0)/');
  return new RegExp(`^${joined}$`);
}
