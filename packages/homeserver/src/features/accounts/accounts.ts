import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import type { Clock } from '@myelin/runtime';
import { LRUCache } from 'lru-cache';
import type { UserNid } from '../names/index.ts';

export interface Account {
  readonly user: UserNid;
  /** Undefined: can't log in with a password. */
  readonly passwordHash: string | undefined;
  readonly createdAt: number;
  readonly isGuest: boolean;
  readonly isAdmin: boolean;
  readonly deactivated: boolean;
  readonly locked: boolean;
  readonly suspended: boolean;
  readonly shadowBanned: boolean;
  readonly erased: boolean;
  readonly userType: string | undefined;
}

interface AccountRow {
  user_nid: number;
  password_hash: string | null;
  created_at: number;
  is_guest: number;
  is_admin: number;
  deactivated: number;
  locked: number;
  suspended: number;
  shadow_banned: number;
  erased: number;
  user_type: string | null;
}

export interface NewAccount {
  readonly passwordHash: string | undefined;
  readonly isGuest?: boolean;
  readonly isAdmin?: boolean;
  readonly userType?: string;
}

/** The users of this server. */
export class Accounts {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #cache = new LRUCache<UserNid, Account>({ max: 50_000 });

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  async find(user: UserNid, reader: Reader = this.#database.reader): Promise<Account | undefined> {
    const cached = this.#cache.get(user);
    if (cached) return cached;
    const row = await reader.get<AccountRow>(sql`SELECT * FROM accounts WHERE user_nid = ${user}`);
    if (!row) return undefined;
    const account = fromRow(row);
    if (reader === this.#database.reader) this.#cache.set(user, account);
    return account;
  }

  /** Whether the user is one of ours. */
  async isLocal(user: UserNid): Promise<boolean> {
    return (await this.find(user)) !== undefined;
  }

  async create(writer: Writer, user: UserNid, account: NewAccount): Promise<void> {
    await writer.run(sql`INSERT INTO accounts (user_nid, password_hash, created_at, is_guest, is_admin, user_type)
      VALUES (${user}, ${account.passwordHash ?? null}, ${this.#clock.now()}, ${account.isGuest ? 1 : 0}, ${account.isAdmin ? 1 : 0}, ${account.userType ?? null})`);
  }

  async setPasswordHash(writer: Writer, user: UserNid, passwordHash: string | undefined): Promise<void> {
    await writer.run(sql`UPDATE accounts SET password_hash = ${passwordHash ?? null} WHERE user_nid = ${user}`);
    this.#forget(writer, user);
  }

  /** Sets flags of an account. */
  async setFlags(
    writer: Writer,
    user: UserNid,
    flags: Partial<Pick<Account, 'isAdmin' | 'isGuest' | 'deactivated' | 'locked' | 'suspended' | 'shadowBanned' | 'erased'>>,
  ): Promise<void> {
    for (const [flag, value] of Object.entries(flags)) {
      const column = flagColumns[flag as keyof typeof flagColumns];
      await writer.run(sql`UPDATE accounts SET ${sql.raw(column)} = ${value ? 1 : 0} WHERE user_nid = ${user}`);
    }
    this.#forget(writer, user);
  }

  #forget(writer: Writer, user: UserNid): void {
    writer.onDurable(() => this.#cache.delete(user));
  }
}

const flagColumns = {
  isAdmin: 'is_admin',
  isGuest: 'is_guest',
  deactivated: 'deactivated',
  locked: 'locked',
  suspended: 'suspended',
  shadowBanned: 'shadow_banned',
  erased: 'erased',
} as const;

function fromRow(row: AccountRow): Account {
  return {
    user: row.user_nid as UserNid,
    passwordHash: row.password_hash ?? undefined,
    createdAt: row.created_at,
    isGuest: row.is_guest !== 0,
    isAdmin: row.is_admin !== 0,
    deactivated: row.deactivated !== 0,
    locked: row.locked !== 0,
    suspended: row.suspended !== 0,
    shadowBanned: row.shadow_banned !== 0,
    erased: row.erased !== 0,
    userType: row.user_type ?? undefined,
  };
}
