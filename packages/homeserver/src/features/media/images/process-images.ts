import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Cancellable, Timers } from '@myelin/runtime';
import type { ImageFacts, ThumbnailTarget } from '../thumbnail-target.ts';
import type { Images, ImageSource } from './images.ts';
import type { ImageReply, ImageRequest } from './messages.ts';

/** The process goes when nothing was asked for so long: it holds 90 MB, and is there again in a tenth of a second. */
const idleMs = 15_000;
/** A decoder that hasn't answered by then is ended. */
const longestJobMs = 60_000;

interface Job {
  readonly resolve: (reply: ImageReply) => void;
  readonly reject: (error: Error) => void;
  readonly overdue: Cancellable;
}

type Ask = ImageRequest extends infer Each ? (Each extends ImageRequest ? Omit<Each, 'id'> : never) : never;

/** Pictures are read by a process of its own, which is started when it is needed and may crash without harm. */
export class ProcessImages implements Images {
  readonly #timers: Timers;
  readonly #maxPixels: number;
  readonly #jobs = new Map<number, Job>();
  #child: ChildProcess | undefined;
  #idle: Cancellable | undefined;
  #lastId = 0;
  #stopped = false;

  constructor(timers: Timers, maxPixels: number) {
    this.#timers = timers;
    this.#maxPixels = maxPixels;
  }

  async describe(source: ImageSource): Promise<ImageFacts | undefined> {
    return (await this.#ask({ kind: 'describe', source })).facts;
  }

  async scale(source: ImageSource, target: ThumbnailTarget): Promise<Uint8Array | undefined> {
    return (await this.#ask({ kind: 'scale', source, target, maxPixels: this.#maxPixels })).bytes;
  }

  prepare(): void {
    if (this.#stopped) return;
    this.#child ??= this.#start();
    this.#restartIdleTime();
  }

  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  /** Ends the process, whatever it does; the next job starts another. */
  kill(): void {
    const child = this.#child;
    if (!child) return;
    this.#lost(child);
    child.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#idle?.cancel();
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.ref();
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  #ask(request: Ask): Promise<ImageReply> {
    return new Promise((resolve, reject) => {
      if (this.#stopped) return reject(new Error('The server is stopping'));
      this.prepare();
      const child = this.#child as ChildProcess;
      const id = ++this.#lastId;
      const overdue = this.#timers.after(longestJobMs, () => this.kill());
      this.#jobs.set(id, { resolve, reject, overdue });
      child.channel?.ref();
      child.send({ ...request, id }, (error) => {
        if (error) this.#take(id)?.reject(error);
      });
    });
  }

  #start(): ChildProcess {
    // The ending that this file has here: .ts from source, .js in a release.
    const file = new URL(`./process/main${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
    const child = fork(file, {
      serialization: 'advanced',
      execArgv: [],
      env: neededEnvironment(),
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    child.on('message', (reply: ImageReply) => this.#take(reply.id)?.resolve(reply));
    child.on('error', () => this.#lost(child));
    child.on('exit', () => this.#lost(child));
    // Only jobs keep the server from ending.
    child.unref();
    child.channel?.unref();
    return child;
  }

  #take(id: number): Job | undefined {
    const job = this.#jobs.get(id);
    this.#jobs.delete(id);
    job?.overdue.cancel();
    if (this.#jobs.size === 0) this.#child?.channel?.unref();
    return job;
  }

  #lost(child: ChildProcess): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    for (const id of this.#jobs.keys()) this.#take(id)?.reject(new Error('The process that reads pictures ended'));
  }

  #restartIdleTime(): void {
    this.#idle?.cancel();
    this.#idle = this.#timers.after(idleMs, () => {
      if (this.#jobs.size > 0) return this.#restartIdleTime();
      this.kill();
    });
  }
}

/** What the system needs to run a program; nothing else of what the server was given. */
function neededEnvironment(): NodeJS.ProcessEnv {
  const names = ['PATH', 'LD_LIBRARY_PATH', 'SystemRoot', 'TMPDIR', 'TEMP'];
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}
