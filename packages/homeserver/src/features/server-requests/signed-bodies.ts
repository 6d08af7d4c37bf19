import {
  canonicalJson,
  canonicalJsonInSteps,
  CanonicalJsonError,
  parseJson,
  parseJsonInSteps,
  smallJsonBytes,
  type JsonValue,
  type ParseResult,
} from '@myelin/protocol';
import { Breather, type Clock, type Timers } from '@myelin/runtime';
import { limitExceeded, networkOf, RateLimiter, valueOf } from '../../http/index.ts';
import { KeyedSlots, Slots } from '../../queues/index.ts';

export interface SignedBody {
  readonly bytes: Uint8Array;
  readonly origin: string;
  /** Where it came from. */
  readonly ip: string;
  /** Whether a text, or its UTF-8, is the content that was signed. */
  readonly isSigned: (content: string | Uint8Array) => boolean | Promise<boolean>;
}

/** Bytes of bodies of one network whose signatures aren't good: so many at once, and so many a second in the long run. */
const mostUnproven = 16 * 1024 * 1024;
const unprovenPerSecond = 256 * 1024;
/** After every 4 ms of work on what anybody may have sent, in ms: it gets a quarter of the thread. */
const restMs = 12;
/** So many bodies wait for that. */
const mostWaiting = 32;
/** And so many bytes, with those of the one that is worked on: less than all bodies together may hold (`HeldBodies`). */
const mostBytesWaiting = 32 * 1024 * 1024;
/** So many large bodies of proven servers are parsed side by side; of one server so many wait. */
const parsedAtOnce = 4;
const mostWaitingOfServer = 50;
const comeAgainMs = 10_000;
/** As much as an EDU may hold; an event has room for less. */
const items = { values: 100_000, characters: 4_000_000 };

/**
 * Checks whether the bodies of requests are what was signed, and parses them, without holding the thread: 13 MB of tiny
 * values take more than a second to parse, and as long again to be printed in canonical form.
 *
 * Servers that send canonical JSON, as most do, prove themselves by the bytes as they came, before anything is parsed. The
 * canonical form of other large bodies is made in small steps, of one at a time; and whoever has sent many bytes with
 * bad signatures has to send canonical JSON from then on.
 */
export class SignedBodies {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #unproven: RateLimiter;
  readonly #printing: Slots;
  #printed = 0;
  readonly #parsing = new Slots({ atOnce: parsedAtOnce });
  readonly #ofServer: KeyedSlots;

  constructor({ clock, timers }: { readonly clock: Clock; readonly timers: Timers }) {
    this.#clock = clock;
    this.#timers = timers;
    this.#unproven = new RateLimiter(clock, { perSecond: unprovenPerSecond, burstCount: mostUnproven });
    const refusal = (): Error => limitExceeded(comeAgainMs);
    this.#printing = new Slots({ atOnce: 1, mostWaiting, refusal });
    this.#ofServer = new KeyedSlots({ atOnce: 1, mostWaiting: mostWaitingOfServer, refusal });
  }

  /**
   * The parsed body, or undefined where it isn't what was signed. An item of a list in the body that holds more than 100,000
   * values or 4 million characters may be null in it. Throws M_NOT_JSON, M_BAD_JSON, M_TOO_LARGE, CanonicalJsonError, and M_LIMIT_EXCEEDED.
   */
  async read(body: SignedBody): Promise<JsonValue | undefined> {
    const { bytes, ip } = body;
    const isSmall = bytes.length <= smallJsonBytes;
    const network = networkOf(ip);
    if (!isSmall && (await isSignedAsItCame(body))) return this.#parse(body);
    if (!this.#unproven.allows(network, bytes.length)) {
      if (isSmall && (await isSignedAsItCame(body))) return this.#parse(body);
      throw limitExceeded(comeAgainMs);
    }
    const value = isSmall ? await readAtOnce(body) : await this.#readInSteps(body);
    if (value !== undefined) this.#unproven.giveBack(network, bytes.length);
    return value;
  }

  async #readInSteps(body: SignedBody): Promise<JsonValue | undefined> {
    const breather = (): Breather => new Breather(this.#clock, this.#timers, { restMs });
    const { length } = body.bytes;
    if (this.#printed + length > mostBytesWaiting) throw limitExceeded(comeAgainMs);
    this.#printed += length;
    const printing = this.#printing.run(() => breather().finish(canonicalJsonInSteps(body.bytes)));
    const form = await printing.finally(() => (this.#printed -= length));
    return (await body.isSigned(valueOf(form))) ? this.#parse(body) : undefined;
  }

  /** Of a server that has proven itself. */
  async #parse({ bytes, origin }: SignedBody): Promise<JsonValue> {
    const breather = (): Breather => new Breather(this.#clock, this.#timers);
    const steps = parseJsonInSteps(bytes, { numbers: 'finite', items });
    const parsed = await this.#ofServer.run(origin, () => this.#parsing.run(() => breather().finish(steps)));
    return finite(parsed);
  }
}

async function readAtOnce({ bytes, isSigned }: SignedBody): Promise<JsonValue | undefined> {
  const value = valueOf(parseJson(bytes));
  return (await isSigned(canonicalJson(value, 'lenient'))) ? value : undefined;
}

/** Lone surrogates can only be written with an escape that no canonical JSON has. */
async function isSignedAsItCame({ bytes, isSigned }: SignedBody): Promise<boolean> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return !buffer.includes('\\ud') && !buffer.includes('\\uD') && isSigned(bytes);
}

function finite(parsed: ParseResult): JsonValue {
  if (!parsed.ok && parsed.reason === 'float') throw new CanonicalJsonError('number-not-finite');
  return valueOf(parsed);
}
