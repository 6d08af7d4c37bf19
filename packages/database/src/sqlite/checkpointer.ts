/** Moves what is in the write-ahead log into the database file, so that the log starts over. */
export interface Checkpointer {
  /** Called after each batch that is on the disk. */
  afterBatch(): void;
  close(): Promise<void>;
}
