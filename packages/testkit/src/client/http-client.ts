import type { Specification, Operation, CheckedAnswer, JsonSchema } from '../specification/index.ts';
import type { CallRecorder } from './call-recorder.ts';
import { queryString, resolveTarget, type Callee, type QueryValue, type Target } from './target.ts';

/** JSON as a test reads it: what it is was checked against the specification, so tests needn't narrow. */
export type Json = any;

export interface CallRequest {
  params?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, QueryValue>>;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is, instead of `body`. */
  bytes?: Uint8Array | string;
  contentType?: string;
  headers?: Readonly<Record<string, string>>;
  /** Another access token than the client's; null: none. */
  token?: string | null;
  /** Which of the endpoint's paths; the first if not given. */
  path?: number;
  signal?: AbortSignal;
}

export interface Expectation {
  /** The status, or the errcode; 200 if not given. `any`: whatever comes, as long as it fits the specification. */
  expect?: number | readonly number[] | `M_${string}` | 'any';
}

export interface ReceivedAnswer {
  status: number;
  headers: Headers;
  /** Parsed JSON; undefined where the answer isn't JSON. */
  body: Json;
  text: string;
  bytes: Uint8Array;
}

export interface HttpClientOptions {
  /** Without a slash at the end. */
  baseUrl: string;
  specification: Specification;
  recorder?: CallRecorder | undefined;
  accessToken?: string | undefined;
}

/** A request is given up after this long: no test waits for an answer that never comes. */
const patience = 60_000;

/** Calls a server over HTTP and checks every answer against the specification. */
export class HttpClient {
  readonly baseUrl: string;
  accessToken: string | undefined;
  protected readonly options: HttpClientOptions;
  #helperDepth = 0;

  constructor(options: HttpClientOptions) {
    this.options = options;
    this.baseUrl = options.baseUrl;
    this.accessToken = options.accessToken;
  }

  /** Calls an endpoint or operation and returns the body of the answer, which must be as expected. */
  async call(callee: Callee, request: CallRequest = {}, expectation: Expectation = {}): Promise<Json> {
    const answer = await this.send(callee, request, expectation);
    return answer.body ?? answer.bytes;
  }

  /** Like `call`, but returns the whole answer. */
  async send(callee: Callee, request: CallRequest = {}, expectation: Expectation = {}): Promise<ReceivedAnswer> {
    const target = resolveTarget(this.options.specification, callee, request.params ?? {}, request.path ?? 0);
    const answer = await this.#exchange(target, request);
    this.#judge(target, answer, expectation);
    return answer;
  }

  /** Sends any request to any path, fitting or not; what comes back is checked all the same. */
  async raw(
    method: string,
    path: string,
    request: CallRequest = {},
    expectation: Expectation = {},
  ): Promise<ReceivedAnswer> {
    const pathname = path.split('?', 1)[0]!;
    const operation = this.options.specification.match(method, pathname);
    const target: Target = {
      name: operation?.id ?? path,
      method,
      path,
      route: pathname,
      operation,
      endpoint: undefined,
    };
    const answer = await this.#exchange(target, request);
    this.#judge(target, answer, { expect: expectation.expect ?? 'any' });
    return answer;
  }

  /** Calls made inside are noted as a helper's, not as the test's own. */
  protected async asHelper<T>(body: () => Promise<T>): Promise<T> {
    this.#helperDepth += 1;
    try {
      return await body();
    } finally {
      this.#helperDepth -= 1;
    }
  }

  async #exchange(target: Target, request: CallRequest): Promise<ReceivedAnswer> {
    const headers: Record<string, string> = {};
    const token = request.token === undefined ? this.accessToken : request.token;
    if (token != null) headers['authorization'] = `Bearer ${token}`;
    const payload = payloadOf(target, request);
    if (payload !== undefined) headers['content-type'] = request.contentType ?? 'application/json';
    const url = this.baseUrl + target.path + queryString(request.query ?? {});
    const timeout = AbortSignal.timeout(patience);
    let response: Response;
    try {
      response = await fetch(url, {
        method: target.method,
        headers: { ...headers, ...request.headers },
        ...(payload === undefined ? {} : { body: payload }),
        redirect: 'manual',
        signal: request.signal ? AbortSignal.any([request.signal, timeout]) : timeout,
      });
    } catch (error) {
      if (request.signal?.aborted) throw error;
      throw new Error(`${target.method} ${target.path}: no answer`, { cause: error });
    }
    const bytes = new Uint8Array(await response.arrayBuffer());
    const text = new TextDecoder().decode(bytes);
    return { status: response.status, headers: response.headers, body: parsed(response, text), text, bytes };
  }

  #judge(target: Target, answer: ReceivedAnswer, { expect = 200 }: Expectation): void {
    const problems = this.#problems(target, answer);
    if (problems.length > 0) {
      throw new Error(`${describe(target, answer)}\nbreaks the specification:\n  ${problems.join('\n  ')}`);
    }
    if (!fits(answer, expect)) throw new Error(`${describe(target, answer)}\nexpected: ${String(expect)}`);
    this.#record(target, answer.status);
  }

  #record({ operation, method, route }: Target, status: number): void {
    this.options.recorder?.record({
      ...(operation ? { operation: `${operation.api} ${operation.id}` } : {}),
      route: `${method} ${route}`,
      status,
      helper: this.#helperDepth > 0,
    });
  }

  #problems({ operation, endpoint, path, method }: Target, answer: ReceivedAnswer): string[] {
    const { specification } = this.options;
    const checked: CheckedAnswer = {
      status: answer.status,
      contentType: answer.headers.get('content-type') ?? undefined,
      body: answer.body,
    };
    const problems = operation ? checkOperation(specification, operation, checked) : checkOwn(checked);
    if (/^\/_matrix\/(client|media)\//.test(path) && answer.headers.get('access-control-allow-origin') !== '*') {
      problems.push('Access-Control-Allow-Origin is missing (Client-Server API §2.3)');
    }
    return problems;

    function checkOwn(own: CheckedAnswer): string[] {
      if (own.status >= 400) return method === 'HEAD' ? [] : specification.checkError(own);
      if (!endpoint || own.status !== 200 || endpoint.response === 'bytes') return [];
      return specification.checkSchema(endpoint.response as unknown as JsonSchema, own.body);
    }
  }
}

/** An endpoint that isn't there answers M_UNRECOGNIZED whatever the specification lists for it. */
function checkOperation(specification: Specification, operation: Operation, answer: CheckedAnswer): string[] {
  if ((answer.body as { errcode?: unknown } | undefined)?.errcode === 'M_UNRECOGNIZED')
    return specification.checkError(answer);
  return specification.checkAnswer(operation, answer);
}

function payloadOf(target: Target, request: CallRequest): string | Uint8Array<ArrayBuffer> | undefined {
  if (request.bytes !== undefined) return request.bytes as string | Uint8Array<ArrayBuffer>;
  if (request.body !== undefined) return JSON.stringify(request.body);
  const takesJson = target.endpoint ? target.endpoint.body !== undefined : target.operation?.requestBody != null;
  return takesJson && target.method !== 'GET' && target.endpoint?.body !== 'bytes' ? '{}' : undefined;
}

function parsed(response: Response, text: string): Json {
  if (!(response.headers.get('content-type') ?? '').startsWith('application/json')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fits(answer: ReceivedAnswer, expect: NonNullable<Expectation['expect']>): boolean {
  if (expect === 'any') return true;
  if (typeof expect === 'number') return answer.status === expect;
  if (typeof expect === 'string') return answer.status >= 400 && answer.body?.errcode === expect;
  return expect.includes(answer.status);
}

function describe(target: Target, answer: ReceivedAnswer): string {
  const text = answer.text.length > 600 ? `${answer.text.slice(0, 600)}…` : answer.text;
  return `${target.name} (${target.method} ${target.path}) answered ${answer.status}: ${text}`;
}
