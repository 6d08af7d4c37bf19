import {
  FederationError,
  type FederationRequest,
  type FederationResponse,
  type FederationTransport,
} from '@myelin/homeserver';
import type { Timers } from '@myelin/runtime';
import type { SeededRandom } from '../seeded-random.ts';

/** A server as the network sees it: one HTTP exchange. Rejects if it is down or dies meanwhile. */
export interface Reachable {
  exchange(request: FederationRequest): Promise<{ status: number; text: string }>;
}

/** How bad the network is: chances in percent, times in virtual milliseconds. */
export interface NetworkWeather {
  readonly slowest: number;
  /** Of a request that never arrives, and of an answer that never comes back. */
  readonly loss: number;
}

/**
 * The network between simulated servers: each exchange takes its time, some are lost on the way there or back, and
 * servers can be cut off from each other. All by the seed.
 */
export class SimulatedNetwork {
  readonly #timers: Timers;
  readonly #random: SeededRandom;
  readonly #servers = new Map<string, Reachable>();
  /** Groups that don't reach each other; empty: all do. */
  #island = new Map<string, number>();
  weather: NetworkWeather = { slowest: 30, loss: 0 };

  constructor(timers: Timers, random: SeededRandom) {
    this.#timers = timers;
    this.#random = random;
  }

  attach(name: string, server: Reachable): void {
    this.#servers.set(name, server);
  }

  /** Splits the servers: those with different numbers don't reach each other. */
  split(islands: ReadonlyMap<string, number>): void {
    this.#island = new Map(islands);
  }

  heal(): void {
    this.#island.clear();
    this.weather = { slowest: 10, loss: 0 };
  }

  transport(from: string): FederationTransport {
    return { exchange: (request) => this.#exchange(from, request) };
  }

  async #exchange(from: string, request: FederationRequest): Promise<FederationResponse> {
    await this.#pass(from, request.destination);
    const server = this.#servers.get(request.destination);
    if (!server) throw unreachable(request.destination);
    const answer = await this.#answerOf(server, request);
    await this.#pass(from, request.destination);
    return {
      status: answer.status,
      headers: { 'content-type': 'application/json' },
      body: (async function* () {
        yield Buffer.from(answer.text);
      })(),
      cancel() {},
    };
  }

  /** Nobody is waited for without end. */
  #answerOf(server: Reachable, request: FederationRequest): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => reject(unreachable(request.destination));
      const alarm = this.#timers.after(request.timeoutMs, giveUp);
      server
        .exchange(request)
        .then(resolve, giveUp)
        .finally(() => alarm.cancel());
    });
  }

  /** One way, whichever it is. */
  async #pass(from: string, to: string): Promise<void> {
    await this.#timers.sleep(1 + this.#random.below(this.weather.slowest));
    const isCut = (this.#island.get(from) ?? 0) !== (this.#island.get(to) ?? 0);
    if (isCut || this.#random.chance(this.weather.loss)) throw unreachable(to);
  }
}

function unreachable(destination: string): FederationError {
  return new FederationError('unreachable', destination, 'The network does not lead there');
}
