import type { Database } from '@myelin/database';
import { othersTurn, type Timers } from '@myelin/runtime';
import type { BackedUpKeyStore } from './backed-up-key-store.ts';

/** Keys deleted in one transaction: other writers wait for it. */
const batch = 1_000;

/** Deletes the keys of deleted backups in the background, a few at a time; goes on after a restart. */
export class BackupRemains {
  readonly #database: Database;
  readonly #keys: BackedUpKeyStore;
  readonly #timers: Timers;
  #running: Promise<void> | undefined;
  #isWanted = false;
  #isStopped = false;

  constructor(database: Database, keys: BackedUpKeyStore, timers: Timers) {
    this.#database = database;
    this.#keys = keys;
    this.#timers = timers;
  }

  /** Starts deleting what remains, if it isn't going on already. */
  sweep(): void {
    this.#isWanted = true;
    this.#running ??= this.#run()
      .catch(() => {
        // What remains is tried again with the next deletion, or the next start; the database reports its failures.
      })
      .finally(() => {
        this.#running = undefined;
      });
  }

  /** Resolves when nothing is being deleted any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    await othersTurn(this.#timers);
    while (this.#isWanted && !this.#isStopped) {
      this.#isWanted = false;
      // Most starts find nothing, and needn't write for that.
      if (!(await this.#keys.hasRemains(this.#database.reader))) continue;
      while (!this.#isStopped && (await this.#database.transact((writer) => this.#keys.deleteRemains(writer, batch)))) {
        await othersTurn(this.#timers);
      }
    }
  }
}
