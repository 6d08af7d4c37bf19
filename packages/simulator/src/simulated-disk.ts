import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  KeptConnections,
  migrate,
  openSqlite,
  type Durability,
  type SqliteContents,
  type SqliteDatabase,
} from '@myelin/database';
import { allMigrations, schemaVersions } from '@myelin/homeserver';
import { systemRuntime, type Clock, type Timers } from '@myelin/runtime';
import type { SeededRandom } from './seeded-random.ts';

/** Linux keeps this folder in memory. */
const memoryFolder = '/dev/shm';

/** Where the files of simulations are, with an empty database of the present schema to begin from. */
export class DiskFolder {
  readonly #path: string;
  #disks = 0;
  /** Disks that are in nobody's use. */
  readonly #idle: Platter[] = [];

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

  /** A disk with an empty database, or one with these contents. */
  disk(random: SeededRandom, contents?: SqliteContents): SimulatedDisk {
    const platter = this.#idle.pop() ?? this.#newPlatter();
    return new SimulatedDisk(platter, random, contents, () => this.#idle.push(platter));
  }

  /** All disks must have been given back. */
  remove(): void {
    for (const { connections } of this.#idle) connections.end();
    rmSync(this.#path, { recursive: true, force: true });
  }

  #newPlatter(): Platter {
    const path = this.#file(`disk-${++this.#disks}`);
    copyFileSync(this.#file('empty'), path);
    // Nobody but this process opens the file: SQLite keeps the locks in its own memory.
    return { path: `file:${path}?vfs=unix-excl`, connections: new KeptConnections() };
  }

  #file(name: string): string {
    return join(this.#path, `${name}.db`);
  }
}

/** A file with its connections: opening them, and compiling statements, costs more than anything else of a start. */
interface Platter {
  readonly path: string;
  readonly connections: KeptConnections;
}

/** The log isn't moved into the file, so that nothing depends on what an earlier run left in it. */
const logPages = Number.POSITIVE_INFINITY;

/**
 * A disk that takes its time: a batch of transactions is on it some virtual milliseconds after it was handed over. A
 * crash before that loses the batch, a crash just after keeps what nobody was told of.
 */
export class SimulatedDisk {
  readonly #platter: Platter;
  readonly #random: SeededRandom;
  readonly #contents: SqliteContents | undefined;
  readonly #giveBack: () => void;
  #isFilled = false;

  constructor(platter: Platter, random: SeededRandom, contents: SqliteContents | undefined, giveBack: () => void) {
    this.#platter = platter;
    this.#random = random;
    this.#contents = contents;
    this.#giveBack = giveBack;
  }

  async open(runtime: { clock: Clock; timers: Timers }): Promise<SqliteDatabase> {
    const durability: Durability = {
      flush: (commit) =>
        new Promise((resolve) => {
          runtime.timers.after(this.#random.below(8), () => {
            commit();
            runtime.timers.after(this.#random.below(4), resolve);
          });
        }),
    };
    const database = await openSqlite({ kind: 'sqlite', ...this.#platter, logPages, durability }, runtime);
    // What an earlier run has left goes here, where the connections are there and nothing has been read.
    if (!this.#isFilled) this.#platter.connections.restore(this.#contents);
    this.#isFilled = true;
    return database;
  }

  /** What is on it. While no database is open. */
  contents(): SqliteContents {
    return this.#platter.connections.contents();
  }

  /** Gives it back, for whoever comes next. While no database is open. */
  remove(): void {
    this.#giveBack();
  }
}
