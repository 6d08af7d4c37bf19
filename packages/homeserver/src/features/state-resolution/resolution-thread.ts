import { Worker } from 'node:worker_threads';
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
/** After a crash no other is started for so long: what can't run would be tried with each resolution. */
const restMs = 60_000;

export interface ResolutionThreadParts {
  /** Of a database that can be opened a second time. */
  readonly database: DatabaseOptions;
  readonly timers: Timers;
  readonly log: Log;
}

interface Waiting {
  resolve(result: StateView | undefined): void;
  reject(error: Error): void;
}

/** Large resolutions run in a thread of their own, which is started when it is needed and reads the database itself. */
export class ResolutionThread {
  readonly #parts: ResolutionThreadParts;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #idle: Cancellable | undefined;
  #rest: Cancellable | undefined;
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
      this.#waiting.set(id, { resolve, reject });
      this.#idle?.cancel();
      this.#worker ??= this.#start();
      // Only what is waited for keeps the server from ending.
      this.#worker.ref();
      this.#post({ kind: 'resolve', id, job });
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

  /** Ends the thread, whatever it does; the next resolution starts another. */
  async end(): Promise<void> {
    const worker = this.#worker;
    if (!worker) return;
    this.#lost(worker);
    await worker.terminate();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#rest?.cancel();
    await this.end();
  }

  #post(message: ToThread): void {
    this.#worker?.postMessage(message);
  }

  #start(): Worker {
    // The ending that this file has here: .ts from source, .js in a release.
    const file = new URL(`./thread/main${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
    const { database, timers, log } = this.#parts;
    const start: ThreadStart = { database: readingOptions(database) };
    log.debug('a thread for state resolution starts');
    const options = { execArgv: [], resourceLimits: { maxYoungGenerationSizeMb: youngMegabytes } };
    const worker = new Worker(file, { workerData: start, name: 'state-resolution', ...options });
    worker.on('message', (reply: FromThread) => this.#take(worker, reply));
    worker.on('error', (err) => {
      log.error({ err }, 'the thread for state resolution failed; the event loop takes its place');
      if (this.#stopped) return;
      this.#rest?.cancel();
      this.#rest = timers.after(restMs, () => (this.#rest = undefined));
      this.#lost(worker);
    });
    worker.on('exit', () => this.#lost(worker));
    return worker;
  }

  #take(worker: Worker, reply: FromThread): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0 && this.#worker === worker) {
      worker.unref();
      this.#idle = this.#parts.timers.after(idleMs, () => void this.end());
    }
    if ('result' in reply) return waiting?.resolve(reply.result);
    if ('overBudget' in reply) return waiting?.reject(new ResolutionBudgetError(reply.overBudget));
    this.#parts.log.error(
      { err: reply.error },
      'the thread for state resolution failed; the event loop takes its place',
    );
    waiting?.resolve(undefined);
  }

  #lost(worker: Worker): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#idle?.cancel();
    const lost = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { resolve } of lost) resolve(undefined);
  }
}

/** Without what can't go to another thread; few connections, each opened when it is needed. */
function readingOptions(options: DatabaseOptions): DatabaseOptions {
  if (options.kind === 'postgres') return { ...options, cp_min: 0, cp_max: 3 };
  return { kind: 'sqlite', path: options.path };
}
