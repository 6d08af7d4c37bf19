import { Agent, request as httpRequest } from 'node:http';
import { canonicalJson, parseJson, type JsonValue } from '@myelin/protocol';
import type { TestPeer } from '../../federation/test-peer.ts';

export interface RawCall {
  readonly method: string;
  /** Path and query as they are sent. */
  readonly target: string;
  /** The body as it is sent. */
  readonly text?: string | undefined;
  readonly contentType?: string | undefined;
  /** Ends the connection in the middle of the body. */
  readonly cutOff?: boolean;
  /** Headers beside or instead of the usual ones. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RawAnswer {
  /** 0: the connection ended without an answer. */
  readonly status: number;
  readonly contentType: string | undefined;
  readonly text: string;
  readonly body: unknown;
  readonly ms: number;
}

/** No answer takes longer than this, on whatever machine the tests run, in ms. */
export const longestAnswer = 20_000;

/** Sends requests of a peer byte by byte as they are given, rightly signed where that can be done at all. */
export class RawCaller {
  readonly #peer: TestPeer;
  readonly #serverName: string;
  readonly #url: URL;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(peer: TestPeer, server: { readonly serverName: string; readonly baseUrl: string }) {
    this.#peer = peer;
    this.#serverName = server.serverName;
    this.#url = new URL(server.baseUrl);
  }

  call(call: RawCall): Promise<RawAnswer> {
    const { method, target, text, contentType = 'application/json', cutOff = false } = call;
    const begin = performance.now();
    const length = text === undefined ? 0 : Buffer.byteLength(text);
    return new Promise((resolve, reject) => {
      const request = httpRequest({
        hostname: this.#url.hostname,
        port: this.#url.port,
        method,
        path: target,
        agent: cutOff ? false : this.#agent,
        headers: {
          authorization: this.#authorization(call),
          ...(text === undefined ? {} : { 'content-type': contentType, 'content-length': String(length) }),
          ...call.headers,
        },
      });
      const finish = (status: number, type: string | undefined, answer: string): void => {
        clearTimeout(timer);
        resolve({ status, contentType: type, text: answer, body: parsed(answer), ms: performance.now() - begin });
      };
      const timer = setTimeout(() => {
        reject(new Error(`${method} ${target.slice(0, 500)}: no answer in ${longestAnswer} ms`));
        request.destroy();
      }, longestAnswer);
      request.on('error', () => finish(0, undefined, ''));
      request.on('response', (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('error', () => finish(0, undefined, ''));
        const type = response.headers['content-type'];
        response.on('end', () => finish(response.statusCode ?? 0, type, Buffer.concat(pieces).toString()));
      });
      if (!cutOff) return request.end(text);
      request.write((text ?? '').slice(0, length >> 1), () => setTimeout(() => request.destroy(), 5));
      return undefined;
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  #authorization({ method, target, text }: RawCall): string {
    const parsedBody = text === undefined ? undefined : parseJson(text);
    const body = parsedBody?.ok && isPrintable(parsedBody.value) ? { body: parsedBody.value } : {};
    return this.#peer.authorization(this.#serverName, method, target, body);
  }
}

/** Of what has no canonical form there can't be a signature. */
export function isPrintable(value: JsonValue): boolean {
  try {
    canonicalJson(value, 'lenient');
    return true;
  } catch {
    return false;
  }
}

function parsed(text: string): unknown {
  const result = parseJson(text);
  return result.ok ? result.value : undefined;
}
