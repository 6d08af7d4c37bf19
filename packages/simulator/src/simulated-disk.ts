import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate, openSqlite, type Durability, type SqliteDatabase } from '@myelin/database';
import { allMigrations, schemaVersions } from '@myelin/homeserver';
import { systemRuntime, type Clock, type Timers } from '@myelin/runtime';
import type { SeededRandom } from './seeded-random.ts';

/** Linux keeps this folder in memory. */
const memoryFolder = '/dev/shm';

/** Where the files of simulations are, with an empty database of the present schema to begin from. */
export class DiskFolder {
  readonly #path: string;
  #disks = 0;

  private constructor(path: string) {
    this.#path = path;
  }

  static async create(): Promise<DiskFolder> {
    const folder = new DiskFolder(mkdtempSync(join(existsSync(memoryFolder) ? memoryFolder : tmpdir(), 'myelin-sim-')));
    const empty = await openSqlite({ kind: 'sqlite', path: folder.#file('empty') }, systemRuntime);
    await migrate(empty, allMigrations, schemaVersions);
    await empty.close();
    return folder;
  }

  /** A disk with an empty database. */
  disk(random: SeededRandom): SimulatedDisk {
    const path = this.#file(`disk-${++this.#disks}`);
    copyFileSync(this.#file('empty'), path);
    return new SimulatedDisk(path, random);
  }

  remove(): void {
    rmSync(this.#path, { recursive: true, force: true });
  }

  #file(name: string): string {
    return join(this.#path, `${name}.db`);
  }
}

/**
 * A disk that takes its time: a batch of transactions is on it some virtual milliseconds after it was handed over. A
 * crash before that loses the batch, a crash just after keeps what nobody was told of.
 */
export class SimulatedDisk {
  readonly #path: string;
  readonly #random: SeededRandom;

  constructor(path: string, random: SeededRandom) {
    this.#path = path;
    this.#random = random;
  }

  open(runtime: { clock: Clock; timers: Timers }): Promise<SqliteDatabase> {
    const durability: Durability = {
      flush: (commit) =>
        new Promise((resolve) => {
          runtime.timers.after(this.#random.below(8), () => {
            commit();
            runtime.timers.after(this.#random.below(4), resolve);
          });
        }),
    };
    return openSqlite({ kind: 'sqlite', path: this.#path, durability }, runtime);
  }

  remove(): void {
    for (const suffix of ['', '-wal', '-shm']) rmSync(this.#path + suffix, { force: true });
  }
}
