/** Something that was started and can be called off. */
export interface Cancellable {
  cancel(): void;
}

/** The only way to wait. Real timers don't keep the process alive. */
export interface Timers {
  /** Calls `task` once after `ms` milliseconds. */
  after(ms: number, task: () => void): Cancellable;
  /** Calls `task` every `ms` milliseconds until cancelled. */
  every(ms: number, task: () => void): Cancellable;
  /** Calls `task` after the current turn of the event loop. */
  soon(task: () => void): void;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemTimers: Timers = {
  after(ms, task) {
    const timer = setTimeout(task, ms);
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
  every(ms, task) {
    const timer = setInterval(task, ms);
    timer.unref();
    return { cancel: () => clearInterval(timer) };
  },
  soon(task) {
    setImmediate(task);
  },
  sleep(ms, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const onAbort = (): void => {
        clearTimeout(timer);
        reject(signal?.reason as Error);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, ms);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  },
};
