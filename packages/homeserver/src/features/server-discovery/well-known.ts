import { getOwn, isJsonObject, parseJson, parseServerName } from '@myelin/protocol';
import { randomFraction, type Clock, type OutboundHttp, type OutboundResponse, type Random } from '@myelin/runtime';
import { boundedCache } from '../../caches/index.ts';
import { cacheTime, wellKnownTimes } from './cache-time.ts';

/** What a server's /.well-known/matrix/server says. */
export type WellKnown =
  | { readonly ok: true; readonly server: string; readonly keepMs: number }
  /** `isThere`: there is a file, but none that can be used. */
  | { readonly ok: false; readonly reason: string; readonly isThere?: true };

/** As in Synapse. */
const largestBody = 50 * 1024;
const mostRedirects = 5;
/** For each part of an answer, and for all of it with its redirects thrice that: users wait for it. */
const usualTimeoutMs = 10_000;
const mostKept = 10_000;
/** In the last fifth of its time an answer is fetched anew; until the new one is there the old one holds. */
const freshShare = 0.8;

interface Kept {
  readonly server: string | undefined;
  readonly freshUntil: number;
  readonly until: number;
}

export interface WellKnownParts {
  readonly http: OutboundHttp;
  readonly clock: Clock;
  readonly random: Random;
  readonly userAgent: string;
  /** For each part of an answer; 10 seconds if not given. */
  readonly timeoutMs?: number;
}

/** The delegations of other servers, kept as long as they say. Server-Server API §"Resolving server names", step 3. */
export class WellKnownCache {
  readonly #parts: WellKnownParts;
  readonly #kept = boundedCache<string, Kept>(mostKept);
  readonly #asking = new Map<string, Promise<Kept>>();

  constructor(parts: WellKnownParts) {
    this.#parts = parts;
  }

  /** The name that the server delegates to; undefined if it says nothing. */
  async serverOf(host: string): Promise<string | undefined> {
    const now = this.#parts.clock.monotonic();
    const kept = this.#kept.get(host);
    if (kept && now < kept.freshUntil) return kept.server;
    let asking = this.#asking.get(host);
    if (!asking) {
      asking = this.#ask(host, kept).finally(() => this.#asking.delete(host));
      this.#asking.set(host, asking);
    }
    if (kept && now < kept.until) return kept.server;
    return (await asking).server;
  }

  async #ask(host: string, before: Kept | undefined): Promise<Kept> {
    const { clock, random } = this.#parts;
    const answer = await fetchWellKnown(host, this.#parts);
    const now = clock.monotonic();
    // Not all of a kind at once, and none for longer than it may be.
    const keepMs = (answer.ok ? answer.keepMs : wellKnownTimes.failed) * (0.9 + 0.1 * randomFraction(random));
    let kept: Kept;
    if (answer.ok) kept = { server: answer.server, freshUntil: now + keepMs * freshShare, until: now + keepMs };
    else if (before?.server !== undefined && now < before.until) {
      kept = { ...before, freshUntil: Math.min(now + wellKnownTimes.shortest, before.until) };
    } else kept = { server: undefined, freshUntil: now + keepMs, until: now + keepMs };
    this.#kept.set(host, kept);
    return kept;
  }
}

/** Asks once, without a cache. */
export async function fetchWellKnown(
  host: string,
  { http, clock, userAgent, timeoutMs = usualTimeoutMs }: WellKnownParts,
): Promise<WellKnown> {
  try {
    const response = await http.request({
      url: `https://${host}/.well-known/matrix/server`,
      method: 'GET',
      headers: { 'user-agent': userAgent, accept: 'application/json' },
      timeoutMs,
      longestMs: 3 * timeoutMs,
      redirects: mostRedirects,
    });
    if (response.status !== 200) {
      response.cancel();
      return { ok: false, reason: `it answers with status ${response.status}` };
    }
    return parseWellKnown(await bodyOf(response), response.headers, clock.now());
  } catch (error) {
    return { ok: false, reason: (error as Error).message };
  }
}

async function bodyOf(response: OutboundResponse): Promise<Buffer | undefined> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of response.body) {
    size += piece.length;
    if (size > largestBody) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function parseWellKnown(body: Buffer | undefined, headers: Readonly<Record<string, string>>, now: number): WellKnown {
  const bad = (reason: string): WellKnown => ({ ok: false, reason, isThere: true });
  if (!body) return bad(`the answer is larger than ${largestBody} bytes`);
  const parsed = parseJson(body);
  if (!parsed.ok || !isJsonObject(parsed.value)) return bad("the answer isn't a JSON object");
  const server = getOwn(parsed.value, 'm.server');
  if (typeof server !== 'string') return bad('the answer has no m.server');
  if (!parseServerName(server))
    return bad("m.server isn't a server name: write the name and port only, such as " + example(server));
  return { ok: true, server, keepMs: cacheTime(headers, now) };
}

/** What somebody who wrote an address may have meant. */
function example(written: string): string {
  const host = /^https?:\/\/([a-z0-9.-]{1,200})/i.exec(written)?.[1];
  return `${host ?? 'matrix.example.com'}:443`;
}
