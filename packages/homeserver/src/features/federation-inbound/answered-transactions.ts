import { sql, type Database } from '@myelin/database';
import type { Cancellable, Clock, Timers } from '@myelin/runtime';
import { LRUCache } from 'lru-cache';
import type { Log } from '../../observability/log.ts';

export interface AnsweredTransactionsParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
}

interface Answered {
  readonly origin: string;
  readonly txnId: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly answer: string;
}

/** Answers are kept for so long (ms), so many of them, and so many characters in memory. */
const lifetimeMs = 24 * 3_600_000;
const mostKept = 20_000;
const mostCharacters = 16_000_000;
/** So many more than are kept may stand in the database for a while. */
const mostUnpruned = 2_000;
/** How long an answer may be unknown to the database (ms): a transaction doesn't wait for it. */
const flushMs = 5_000;
const pruneMs = 3_600_000;
/** A name that is longer isn't kept in the database. */
const longestName = 255;

/**
 * The answers to transactions of other servers, over restarts: one that comes again isn't carried out again. What was
 * answered in the last seconds before a crash may be; events and messages to devices are known by their own ids then.
 */
export class AnsweredTransactions {
  readonly #parts: AnsweredTransactionsParts;
  readonly #answers = new LRUCache<string, string>({
    maxSize: mostCharacters,
    sizeCalculation: (answer, key) => answer.length + key.length + 100,
  });
  #unwritten: Answered[] = [];
  #loading: Promise<void> | undefined;
  #timer: Cancellable | undefined;
  #writing: Promise<void> = Promise.resolve();
  #writtenSincePruning = 0;
  #prunedAt = 0;

  constructor(parts: AnsweredTransactionsParts) {
    this.#parts = parts;
  }

  async find(origin: string, txnId: string): Promise<string | undefined> {
    this.#loading ??= this.#load();
    await this.#loading;
    return this.#answers.get(keyOf(origin, txnId));
  }

  note(origin: string, txnId: string, answer: string): void {
    const { clock, timers } = this.#parts;
    this.#answers.set(keyOf(origin, txnId), answer);
    if (txnId.length > longestName) return;
    this.#unwritten.push({ origin, txnId, at: clock.now(), answer });
    this.#timer ??= timers.after(flushMs, () => void this.flush());
  }

  /** Resolves when the database knows what was noted. */
  flush(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    const rows = this.#unwritten;
    this.#unwritten = [];
    if (rows.length > 0) {
      this.#writing = this.#writing
        .then(() => this.#write(rows))
        .catch((err: unknown) => this.#parts.log.warn({ err }, 'answers to other servers could not be noted'));
    }
    return this.#writing;
  }

  /** With the first transaction: a server that speaks with nobody starts without it. */
  async #load(): Promise<void> {
    const { database, clock, log } = this.#parts;
    try {
      const rows = await database.reader.all<{ origin: string; txn_id: string; answer: string }>(
        sql`SELECT origin, txn_id, answer FROM inbound_transactions WHERE answered_at > ${clock.now() - lifetimeMs}
            ORDER BY answered_at DESC LIMIT ${mostKept}`,
      );
      for (const { origin, txn_id: txnId, answer } of rows.toReversed())
        this.#answers.set(keyOf(origin, txnId), answer);
    } catch (err) {
      this.#loading = undefined;
      log.warn({ err }, 'earlier answers to other servers could not be read');
    }
  }

  async #write(rows: readonly Answered[]): Promise<void> {
    const { database, clock } = this.#parts;
    const now = clock.now();
    this.#writtenSincePruning += rows.length;
    const isToPrune = this.#writtenSincePruning > mostUnpruned || now - this.#prunedAt > pruneMs;
    await database.transact(async (writer) => {
      await writer.insert(
        'inbound_transactions',
        ['origin', 'txn_id', 'answered_at', 'answer'],
        rows.map(({ origin, txnId, at, answer }) => [origin, txnId, at, answer]),
        '(origin, txn_id) DO NOTHING',
      );
      if (!isToPrune) return;
      await writer.run(sql`DELETE FROM inbound_transactions WHERE answered_at <= ${now - lifetimeMs}`);
      await writer.run(sql`DELETE FROM inbound_transactions WHERE answered_at <= (SELECT answered_at FROM inbound_transactions
        ORDER BY answered_at DESC LIMIT 1 OFFSET ${mostKept})`);
    });
    if (!isToPrune) return;
    this.#writtenSincePruning = 0;
    this.#prunedAt = now;
  }
}

function keyOf(origin: string, txnId: string): string {
  return `${origin} ${txnId}`;
}
