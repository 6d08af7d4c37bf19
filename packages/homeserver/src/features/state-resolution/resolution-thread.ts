import { Worker, type WorkerOptions } from 'node:worker_threads';
import type { DatabaseOptions } from '@myelin/database';
import { ResolutionBudgetError } from '@myelin/protocol';
import type { Cancellable, Timers } from '@myelin/runtime';
import type { Log } from '../../observability/log.ts';
import type { AddedToChains } from '../auth-graph/index.ts';
import type { EventNid } from '../names/index.ts';
import type { StateView } from './state-view.ts';
import type { FromThread, ResolutionJob, ThreadStart, ToThread } from './thread/messages.ts';

/** The thread goes when nothing was asked for so long: it holds 30 to 60 MB, and is there again in a fifth of a second. */
const idleMs = 30_000;
/**
 * What a resolution makes and drops goes young: with the server's own small space for young objects a fourth more CPU was
 * needed, for no less memory at its peak.
 */
const youngMegabytes = 96;
/** After a failure no other is started for so long: what can't run would be tried with each resolution. */
const restMs = 60_000;
/**
 * A thread that says nothing of a resolution for so long is given up. While it works it tells that each second, and it
 * starts in less; the rest is for a machine with much else to do.
 */
const silenceMs = 20_000;
/** A stop waits no longer for the thread to be gone: one inside of a long query of SQLite ends only with that. */
const endingMs = 2_000;

export interface ResolutionThreadParts {
  /** Of a database that can be opened a second time. */
  readonly database: DatabaseOptions;
  readonly timers: Timers;
  readonly log: Log;
  /** Starts a thread, if not with `thread/main`; for tests. */
  readonly start?: (options: WorkerOptions) => Worker;
}

/** A resolution that the thread was asked for. */
interface Waiting {
  resolve(result: StateView | undefined): void;
  reject(error: Error): void;
  silence: Cancellable;
}

/**
 * Large resolutions run in a thread of their own, which is started when it is needed and reads the database itself. Nothing
 * depends on it: whatever becomes of it, each resolution is answered, if only by saying that it is to be done elsewhere.
 */
export class ResolutionThread {
  readonly #parts: ResolutionThreadParts;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #idle: Cancellable | undefined;
  #rest: Cancellable | undefined;
  #ending = Promise.resolve();
  #lastId = 0;
  #stopped = false;

  constructor(parts: ResolutionThreadParts) {
    this.#parts = parts;
  }

  /** Undefined if the thread failed, which the log says: then whoever asks does it. Throws ResolutionBudgetError. */
  resolve(job: ResolutionJob): Promise<StateView | undefined> {
    if (this.#stopped || this.#rest) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      this.#waiting.set(id, { resolve, reject, silence: this.#listenFor(id) });
      this.#idle?.cancel();
      try {
        this.#worker ??= this.#start();
        // Only what is waited for keeps the server from ending.
        this.#worker.ref();
        this.#post({ kind: 'resolve', id, job });
      } catch (err) {
        this.#fail(err);
      }
    });
  }

  /** A stored event is durably other than it was. */
  changed(event: EventNid): void {
    this.#post({ kind: 'changed', event });
  }

  /** The index of auth chains has durably grown. */
  chained(added: AddedToChains): void {
    this.#post({ kind: 'chained', added });
  }

  get isRunning(): boolean {
    return this.#worker !== undefined;
  }

  /** Ends the thread, whatever it does; the next resolution starts another. Resolves after two seconds at the latest. */
  end(): Promise<void> {
    const worker = this.#letGo();
    if (worker) this.#ending = this.#terminate(worker);
    return this.#ending;
  }

  /** Ends the thread for good: from now on all is done elsewhere. Resolves after two seconds at the latest. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#rest?.cancel();
    await this.end();
  }

  #post(message: ToThread): void {
    this.#worker?.postMessage(message);
  }

  #start(): Worker {
    const { database, log, start = startMain } = this.#parts;
    const workerData: ThreadStart = { database: readingOptions(database) };
    log.debug('a thread for state resolution starts');
    const resourceLimits = { maxYoungGenerationSizeMb: youngMegabytes };
    const worker = start({ workerData, name: 'state-resolution', execArgv: [], resourceLimits });
    worker.on('message', (reply: FromThread) => this.#take(worker, reply));
    const failed = (err: unknown): void => {
      if (this.#worker === worker) this.#fail(err);
    };
    worker.on('error', failed);
    worker.on('messageerror', failed);
    worker.on('exit', (code) => failed(new Error(`it ended by itself, with code ${code}`)));
    return worker;
  }

  #take(worker: Worker, reply: FromThread): void {
    // What it still says after it was let go has been answered.
    if (this.#worker !== worker) return;
    const waiting = this.#waiting.get(reply.id);
    if (!waiting) return;
    waiting.silence.cancel();
    if ('working' in reply) {
      waiting.silence = this.#listenFor(reply.id);
      return;
    }
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0) {
      worker.unref();
      this.#idle = this.#parts.timers.after(idleMs, () => void this.end());
    }
    if ('result' in reply) return waiting.resolve(reply.result);
    if ('overBudget' in reply) return waiting.reject(new ResolutionBudgetError(reply.overBudget));
    this.#logFailure(reply.error);
    waiting.resolve(undefined);
  }

  #listenFor(id: number): Cancellable {
    return this.#parts.timers.after(silenceMs, () => {
      if (this.#waiting.has(id)) this.#fail(new Error(`nothing was heard of a resolution for ${silenceMs / 1_000} s`));
    });
  }

  /** What the thread was asked for is done elsewhere, and so is what comes in the next minute. */
  #fail(err: unknown): void {
    this.#logFailure(err);
    this.#rest?.cancel();
    this.#rest = this.#parts.timers.after(restMs, () => (this.#rest = undefined));
    void this.end();
  }

  #logFailure(err: unknown): void {
    this.#parts.log.error({ err }, 'the thread for state resolution failed; the event loop takes its place');
  }

  async #terminate(worker: Worker): Promise<void> {
    const { promise: waited, resolve } = Promise.withResolvers<void>();
    const patience = this.#parts.timers.after(endingMs, resolve);
    await Promise.race([worker.terminate(), waited]);
    patience.cancel();
  }

  #letGo(): Worker | undefined {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#idle?.cancel();
    const lost = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { resolve, silence } of lost) {
      silence.cancel();
      resolve(undefined);
    }
    worker?.unref();
    return worker;
  }
}

function startMain(options: WorkerOptions): Worker {
  // The ending that this file has here: .ts from source, .js in a release.
  const file = `./thread/main${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`;
  return new Worker(new URL(file, import.meta.url), options);
}

/** Without what can't go to another thread; few connections, each opened when it is needed. */
function readingOptions(options: DatabaseOptions): DatabaseOptions {
  if (options.kind === 'postgres') return { ...options, cp_min: 0, cp_max: 3 };
  return { kind: 'sqlite', path: options.path };
}
