import type { Database } from '@myelin/database';

const never = new Promise<never>(() => {});

/** How a run of the server ends: at one of the things that it does outside of its memory, before it is done or after. */
export interface CrashPoint {
  readonly at: number;
  readonly isDone: boolean;
}

/** The world as a run of the server reaches it: once it has crashed, nothing that it does has an effect or an answer. */
export class Crashing {
  /** What the run has done. */
  done = 0;
  isDown = false;
  /** Resolves when it comes to its point. */
  readonly crashed: Promise<void>;
  #crash!: () => void;
  readonly #point: CrashPoint | undefined;

  constructor(point?: CrashPoint) {
    this.#point = point;
    this.crashed = new Promise((resolve) => (this.#crash = resolve));
  }

  async pass<T>(task: () => Promise<T>): Promise<T> {
    if (this.isDown) return never;
    if (++this.done === this.#point?.at) {
      this.isDown = true;
      if (this.#point.isDone) await task().catch(() => {});
      this.#crash();
      return never;
    }
    try {
      return await task();
    } finally {
      if (this.isDown) await never;
    }
  }

  database(database: Database): Database {
    return {
      dialect: database.dialect,
      reader: {
        all: (query) => this.pass(() => database.reader.all(query)),
        get: (query) => this.pass(() => database.reader.get(query)),
      },
      read: (body) => this.pass(() => database.read(body)),
      transact: (body) => this.pass(() => database.transact(body)),
      close: () => never,
    };
  }
}
