import { federation } from '@myelin/api';
import type { JsonValue } from '@myelin/protocol';
import type { Clock, Timers } from '@myelin/runtime';
import { boundedCache } from '../../caches/index.ts';
import type { Turn } from '../../queues/index.ts';
import type { FederationClient } from '../federation-client/index.ts';
import { checkKeyAnswer, type KeyAnswer } from './key-answer.ts';
import { KeyLanes } from './key-lanes.ts';

export interface KeyFetcherParts {
  readonly client: FederationClient;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly onAnswer: (answer: KeyAnswer) => Promise<void>;
  readonly onProblem: (serverName: string, reason: string) => void;
}

/** A server isn't asked again for so many ms, however many keys of it are wanted: twice as long after each failure. */
const pauses = { afterAnswer: 10_000, afterFailure: 30_000, longest: 3_600_000 } as const;
const longestMs = 10_000;
const lanes = { known: 20, strangers: 40 };
/** A server's keys are a few lines. */
const largestAnswer = 128 * 1024;
const mostRemembered = 20_000;

interface Pause {
  readonly until: number;
  readonly ms: number;
}

interface Asking {
  readonly turn: Turn;
  readonly answer: Promise<KeyAnswer | undefined>;
}

/** Asks servers for their own keys: each one at a time, and not again at once. */
export class KeyFetcher {
  readonly #parts: KeyFetcherParts;
  readonly #asking = new Map<string, Asking>();
  readonly #pauses = boundedCache<string, Pause>(mostRemembered);
  readonly #lanes: KeyLanes;

  constructor(parts: KeyFetcherParts) {
    this.#parts = parts;
    this.#lanes = new KeyLanes(parts.timers, lanes);
  }

  /**
   * Undefined where it doesn't answer, answers nonsense, was asked a moment ago, or too many wait. `isKnown`: it doesn't
   * wait among those that anybody may make up. Never throws.
   */
  fetch(serverName: string, isKnown: boolean): Promise<KeyAnswer | undefined> {
    const asking = this.#asking.get(serverName);
    if (asking) {
      asking.turn.renew();
      return asking.answer;
    }
    const pause = this.#pauses.get(serverName);
    if (pause && this.#parts.clock.monotonic() < pause.until) return Promise.resolve(undefined);
    const turn = this.#lanes.ask(serverName, isKnown);
    const answer = this.#askInTurn(serverName, turn).finally(() => this.#asking.delete(serverName));
    this.#asking.set(serverName, { turn, answer });
    return answer;
  }

  /** Whether it didn't answer when it was asked last. */
  failedLast(serverName: string): boolean {
    return (this.#pauses.get(serverName)?.ms ?? 0) >= pauses.afterFailure;
  }

  async #askInTurn(serverName: string, turn: Turn): Promise<KeyAnswer | undefined> {
    const release = await turn.place;
    if (!release) return undefined;
    return this.#ask(serverName).finally(release);
  }

  async #ask(serverName: string): Promise<KeyAnswer | undefined> {
    const { client, clock, onAnswer, onProblem } = this.#parts;
    try {
      const json = await client.call(
        serverName,
        federation.getServerKey,
        {},
        {
          longestMs,
          ignoreBackoff: true,
          forgetsFailure: true,
          maxBytes: largestAnswer,
          retries: 'none',
        },
      );
      const answer = checkKeyAnswer(json as unknown as JsonValue, serverName, clock.now());
      if (!answer) throw new Error('what it says of its keys is not signed with them');
      await onAnswer(answer);
      this.#pause(serverName, pauses.afterAnswer);
      return answer;
    } catch (error) {
      const before = this.#pauses.get(serverName)?.ms ?? 0;
      this.#pause(serverName, Math.min(Math.max(before * 2, pauses.afterFailure), pauses.longest));
      onProblem(serverName, (error as Error).message);
      return undefined;
    }
  }

  #pause(serverName: string, ms: number): void {
    this.#pauses.set(serverName, { until: this.#parts.clock.monotonic() + ms, ms });
  }
}
