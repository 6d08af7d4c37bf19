import { MinHeap } from '@myelin/protocol';
import type { Cancellable, Clock, Timers } from '@myelin/runtime';

/** Something to be done at a moment of virtual time. */
interface Alarm {
  readonly at: number;
  /** Decides between alarms of one moment. No two have the same. */
  readonly order: number;
  readonly task: () => void;
  cancelled: boolean;
}

/** 2026-01-01T00:00:00Z: runs don't depend on the day. */
const beginning = 1_767_225_600_000;

/**
 * Time that passes only when nothing is left to do at the present moment: hours run in milliseconds, and always in the
 * same order.
 */
export class VirtualTime {
  #now: number;
  #order = 0;
  /** A heap, since idle servers have thousands that lie far ahead. */
  readonly #alarms = new MinHeap<Alarm>(isBefore);

  /** Waits may be fractions of a millisecond; the time of day is whole ones, as real clocks tell it. */
  readonly clock: Clock = { now: () => beginning + Math.floor(this.#now), monotonic: () => this.#now };

  /** `after`: virtual milliseconds since the beginning of time. */
  constructor(after = 0) {
    this.#now = after;
  }

  /** Timers that die with their owner: what a crashed server had set never goes off. */
  timers(): Timers & { stop(): void } {
    const own = new Set<Alarm>();
    let stopped = false;
    const after = (ms: number, task: () => void): Cancellable => {
      if (stopped) return { cancel() {} };
      const alarm = this.#set(ms, () => {
        own.delete(alarm);
        task();
      });
      own.add(alarm);
      return {
        cancel: () => {
          alarm.cancelled = true;
          own.delete(alarm);
        },
      };
    };
    return {
      after,
      every(ms, task) {
        let current = after(ms, tick);
        function tick(): void {
          current = after(ms, tick);
          task();
        }
        return { cancel: () => current.cancel() };
      },
      soon: (task) => void after(0, task),
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          const alarm = after(ms, resolve);
          signal?.addEventListener('abort', () => {
            alarm.cancel();
            reject(signal.reason as Error);
          });
        }),
      stop() {
        stopped = true;
        for (const alarm of own) alarm.cancelled = true;
        own.clear();
      },
    };
  }

  /** Runs until `done` says so; throws if nothing is left that could make it so, or after `limit` virtual milliseconds. */
  async runUntil(done: () => boolean, limit: number): Promise<void> {
    const end = this.#now + limit;
    for (let moments = 0; ; moments++) {
      await (moments % deafMoments === 0 ? hear() : settle());
      if (done()) return;
      const next = this.#takeNext();
      if (!next) throw new Error('The simulation stands still: nothing is left to happen');
      if (next.at > end) throw new Error(`The simulation did not come to its end within ${limit} ms`);
      this.#now = Math.max(this.#now, next.at);
      next.task();
    }
  }

  #set(ms: number, task: () => void): Alarm {
    const alarm: Alarm = { at: this.#now + Math.max(0, ms), order: this.#order++, task, cancelled: false };
    this.#alarms.push(alarm);
    return alarm;
  }

  #takeNext(): Alarm | undefined {
    let next = this.#alarms.pop();
    while (next?.cancelled) next = this.#alarms.pop();
    return next;
  }
}

function isBefore(one: Alarm, other: Alarm): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

/** Ticks that begin only once no promise can go on: what one of them sets off, others may pass on by ticks of their own. */
const ticks = 4;
/** Moments after which the process turns to what comes from outside: signals, and messages of the one that started it. */
const deafMoments = 1_000;

/**
 * Lets all promises that can go on do so. No real input or output is waited for: there is none. A tick comes after every
 * promise, as a turn of the event loop does, which costs forty times as much.
 */
async function settle(): Promise<void> {
  for (let i = 0; i < ticks; i++) await new Promise<void>((resolve) => process.nextTick(resolve));
}

/** The real one: virtual time stands still meanwhile. */
function hear(): Promise<void> {
  // oxlint-disable-next-line no-restricted-globals
  return new Promise((resolve) => setImmediate(resolve));
}
