import { sql, type Database, type Writer } from '@myelin/database';
import { isJsonObject, parseUserId, type JsonObject } from '@myelin/protocol';
import { LRUCache } from 'lru-cache';
import type { Names, UserNid } from '../names/index.ts';

/** Most users that one user can ignore. */
export const mostIgnored = 10_000;

/** Whom each user ignores. Client-Server API §"Ignoring Users". */
export class IgnoredUsers {
  readonly #database: Database;
  readonly #names: Names;
  readonly #cache = new LRUCache<UserNid, ReadonlySet<UserNid>>({
    maxSize: 1_000_000,
    sizeCalculation: (set) => set.size + 1,
  });
  #changes = 0;

  constructor(database: Database, names: Names) {
    this.#database = database;
    this.#names = names;
  }

  /** Shared: don't change it. */
  async of(user: UserNid): Promise<ReadonlySet<UserNid>> {
    const cached = this.#cache.get(user);
    if (cached) return cached;
    const before = this.#changes;
    const rows = await this.#database.reader.all<{ ignored: number }>(
      sql`SELECT ignored FROM ignored_users WHERE user_nid = ${user}`,
    );
    const ignored = rows.length === 0 ? nobody : new Set(rows.map((row) => row.ignored as UserNid));
    if (before === this.#changes) this.#cache.set(user, ignored);
    return ignored;
  }

  /** Takes over what a new m.ignored_user_list says; a list that isn't one ignores nobody. */
  async replace(writer: Writer, user: UserNid, content: JsonObject): Promise<void> {
    const wanted = new Set<UserNid>();
    for (const userId of ignoredIn(content)) {
      const other = await this.#names.user(writer, userId);
      // Nobody can ignore themselves: their own messages would be gone.
      if (other !== user) wanted.add(other);
    }
    const rows = await writer.all<{ ignored: number }>(sql`SELECT ignored FROM ignored_users WHERE user_nid = ${user}`);
    const known = new Set(rows.map((row) => row.ignored as UserNid));
    const gone = [...known].filter((other) => !wanted.has(other));
    const added = [...wanted].filter((other) => !known.has(other));
    if (gone.length > 0)
      await writer.run(sql`DELETE FROM ignored_users WHERE user_nid = ${user} AND ${sql.anyOf('ignored', gone)}`);
    if (added.length > 0) {
      await writer.insert(
        'ignored_users',
        ['user_nid', 'ignored'],
        added.map((other) => [user, other]),
        '(user_nid, ignored) DO NOTHING',
      );
    }
    if (gone.length + added.length === 0) return;
    writer.onDurable(() => {
      this.#changes++;
      this.#cache.delete(user);
    });
  }
}

const nobody: ReadonlySet<UserNid> = new Set();

/** The user ids in an m.ignored_user_list. */
export function ignoredIn(content: JsonObject): string[] {
  const list = content['ignored_users'];
  return isJsonObject(list) ? Object.keys(list).filter((userId) => parseUserId(userId)) : [];
}
