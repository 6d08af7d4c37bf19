import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import type { Clock } from '@myelin/runtime';
import { boundedCache } from '../../caches/index.ts';
import type { UserNid } from '../names/index.ts';
import { flagColumns, fromRow, type Account, type AccountFlags, type AccountRow } from './account.ts';

export interface NewAccount {
  readonly passwordHash?: string | undefined;
  readonly isGuest?: boolean | undefined;
  readonly isAdmin?: boolean | undefined;
  readonly userType?: string | undefined;
  /** The version of the terms that the user has agreed to. */
  readonly consentVersion?: string | undefined;
}

/** The users of this server. */
export class Accounts {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #cache = boundedCache<UserNid, Account>(50_000);
  #erased: ReadonlySet<UserNid> | undefined;
  /** Grows with each change, so that what was read before a change isn't cached after it. */
  #changes = 0;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  async find(user: UserNid, reader: Reader = this.#database.reader): Promise<Account | undefined> {
    const shared = reader === this.#database.reader;
    const cached = shared ? this.#cache.get(user) : undefined;
    if (cached) return cached;
    const before = this.#changes;
    const row = await reader.get<AccountRow>(sql`SELECT * FROM accounts WHERE user_nid = ${user}`);
    if (!row) return undefined;
    const account = fromRow(row);
    if (shared && before === this.#changes) this.#cache.set(user, account);
    return account;
  }

  /** The accounts whose ids differ from `userId` in nothing but case; at most ten. */
  async findIgnoringCase(userId: string, reader: Reader = this.#database.reader): Promise<Account[]> {
    const rows = await reader.all<AccountRow>(
      sql`SELECT * FROM accounts WHERE folded_id = ${userId.toLowerCase()} LIMIT 10`,
    );
    return rows.map(fromRow);
  }

  /** Whether the user is one of ours. */
  async isLocal(user: UserNid): Promise<boolean> {
    return (await this.find(user)) !== undefined;
  }

  /** Which of the users are guests of ours. */
  async guestsAmong(users: readonly UserNid[]): Promise<UserNid[]> {
    const guests: UserNid[] = [];
    for (let at = 0; at < users.length; at += 1_000) {
      const rows = await this.#database.reader.all<{ user_nid: number }>(
        sql`SELECT user_nid FROM accounts WHERE is_guest = 1 AND ${sql.anyOf('user_nid', users.slice(at, at + 1_000))}`,
      );
      guests.push(...rows.map((row) => row.user_nid as UserNid));
    }
    return guests;
  }

  /** Which of the users are ours and asked for what they wrote to be hidden. */
  async erasedAmong(users: readonly UserNid[]): Promise<UserNid[]> {
    const erased = await this.erased();
    return erased.size === 0 ? [] : users.filter((user) => erased.has(user));
  }

  /** All of ours who asked for what they wrote to be hidden from those who come later. Shared: don't change it. */
  async erased(): Promise<ReadonlySet<UserNid>> {
    if (this.#erased) return this.#erased;
    const before = this.#changes;
    const rows = await this.#database.reader.all<{ user_nid: number }>(
      sql`SELECT user_nid FROM accounts WHERE erased = 1`,
    );
    const erased = new Set(rows.map((row) => row.user_nid as UserNid));
    if (before === this.#changes) this.#erased = erased;
    return erased;
  }

  /** Resolves to false, and changes nothing, if the user has an account. */
  async create(writer: Writer, user: UserNid, userId: string, account: NewAccount): Promise<boolean> {
    const added =
      await writer.run(sql`INSERT INTO accounts (user_nid, folded_id, password_hash, created_at, is_guest, is_admin, user_type, consent_version)
      VALUES (${user}, ${userId.toLowerCase()}, ${account.passwordHash ?? null}, ${this.#clock.now()}, ${account.isGuest ? 1 : 0},
        ${account.isAdmin ? 1 : 0}, ${account.userType ?? null}, ${account.consentVersion ?? null})
      ON CONFLICT (user_nid) DO NOTHING`);
    return added === 1;
  }

  async setPasswordHash(writer: Writer, user: UserNid, passwordHash: string | undefined): Promise<void> {
    await writer.run(sql`UPDATE accounts SET password_hash = ${passwordHash ?? null} WHERE user_nid = ${user}`);
    this.#forget(writer, user);
  }

  /** Sets flags of an account. */
  async setFlags(writer: Writer, user: UserNid, wanted: Partial<AccountFlags>): Promise<void> {
    // Who comes back is seen again.
    const flags = wanted.deactivated === false ? { erased: false, ...wanted } : wanted;
    for (const [flag, value] of Object.entries(flags)) {
      const column = sql.raw(flagColumns[flag as keyof AccountFlags]);
      await writer.run(sql`UPDATE accounts SET ${column} = ${value ? 1 : 0} WHERE user_nid = ${user}`);
    }
    this.#forget(writer, user);
    if (flags.erased !== undefined) writer.onDurable(() => (this.#erased = undefined));
  }

  async setConsentVersion(writer: Writer, user: UserNid, version: string): Promise<void> {
    await writer.run(sql`UPDATE accounts SET consent_version = ${version} WHERE user_nid = ${user}`);
    this.#forget(writer, user);
  }

  /** Who was the first person to have an account: no guest, bot or support user, as Synapse counts. */
  async firstPerson(reader: Reader = this.#database.reader): Promise<UserNid | undefined> {
    const row = await reader.get<{ user_nid: number }>(
      sql`SELECT user_nid FROM accounts WHERE is_guest = 0 AND user_type IS NULL ORDER BY created_at, user_nid LIMIT 1`,
    );
    return row?.user_nid as UserNid | undefined;
  }

  #forget(writer: Writer, user: UserNid): void {
    writer.onDurable(() => {
      this.#changes++;
      this.#cache.delete(user);
    });
  }
}
