import type { Checkpointer } from './checkpointer.ts';
import type { GroupCommit } from './group-commit.ts';
import type { SqliteReaders } from './readers.ts';
import type { WriterConnection } from './writer-connection.ts';

/** For databases whose files needn't be flushed, where a checkpoint is a matter of copying pages in memory. */
export class InlineCheckpointer implements Checkpointer {
  readonly #writer: WriterConnection;
  readonly #readers: SqliteReaders;
  readonly #commits: GroupCommit;
  readonly #limit: number;
  #under: Promise<void> | undefined;

  constructor(writer: WriterConnection, readers: SqliteReaders, commits: GroupCommit, limit: number) {
    this.#writer = writer;
    this.#readers = readers;
    this.#commits = commits;
    this.#limit = limit;
  }

  afterBatch(): void {
    if (this.#under !== undefined || this.#writer.logFrames < this.#limit) return;
    this.#under = this.#commits.pauseFor(() => {
      this.#writer.checkpoint();
      this.#readers.renew();
    });
    void this.#under.finally(() => (this.#under = undefined));
  }

  async close(): Promise<void> {
    await this.#under;
  }
}
