import { federation } from '@myelin/api';
import type { JsonValue } from '@myelin/protocol';
import type { Clock, Timers } from '@myelin/runtime';
import { boundedCache } from '../../caches/index.ts';
import { Slots } from '../../queues/index.ts';
import type { FederationClient } from '../federation-client/index.ts';
import { checkKeyAnswer, type KeyAnswer } from './key-answer.ts';

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
/** A server's keys are a few lines. */
const largestAnswer = 128 * 1024;
const mostAtOnce = 20;
const mostWaiting = 2000;
const mostRemembered = 20_000;

interface Pause {
  readonly until: number;
  readonly ms: number;
}

/** Asks servers for their own keys: each one at a time, and not again at once. */
export class KeyFetcher {
  readonly #parts: KeyFetcherParts;
  readonly #asking = new Map<string, Promise<KeyAnswer | undefined>>();
  readonly #pauses = boundedCache<string, Pause>(mostRemembered);
  readonly #slots = new Slots({ atOnce: mostAtOnce, mostWaiting });

  constructor(parts: KeyFetcherParts) {
    this.#parts = parts;
  }

  /** Undefined where it doesn't answer, answers nonsense, was asked a moment ago, or too many wait. Never throws. */
  fetch(serverName: string): Promise<KeyAnswer | undefined> {
    const asking = this.#asking.get(serverName);
    if (asking) return asking;
    const pause = this.#pauses.get(serverName);
    if (pause && this.#parts.clock.monotonic() < pause.until) return Promise.resolve(undefined);
    const started = this.#ask(serverName).finally(() => this.#asking.delete(serverName));
    this.#asking.set(serverName, started);
    return started;
  }

  async #ask(serverName: string): Promise<KeyAnswer | undefined> {
    const { client, clock, onAnswer, onProblem } = this.#parts;
    if (this.#slots.isFull) return undefined;
    const release = await this.#slots.take();
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
    } finally {
      release();
    }
  }

  #pause(serverName: string, ms: number): void {
    this.#pauses.set(serverName, { until: this.#parts.clock.monotonic() + ms, ms });
  }
}
