import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import type { JsonObject, JsonValue } from '@myelin/protocol';
import { LRUCache } from 'lru-cache';
import type { ProfileSource } from '../membership/index.ts';
import type { UserNid } from '../names/index.ts';

/** What local users tell of themselves. Client-Server API §"Profiles". */
export class Profiles implements ProfileSource {
  readonly #database: Database;
  readonly #cache = new LRUCache<UserNid, JsonObject>({ max: 20_000 });
  #changes = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  /** All fields of a profile. Shared: don't change it. */
  async of(user: UserNid, reader: Reader = this.#database.reader): Promise<JsonObject> {
    const cached = this.#cache.get(user);
    if (cached) return cached;
    const before = this.#changes;
    const rows = await reader.all<{ field: string; value: string }>(sql`SELECT field, value FROM profile_fields WHERE user_nid = ${user}`);
    const profile: JsonObject = Object.fromEntries(rows.map((row) => [row.field, JSON.parse(row.value) as JsonValue]));
    if (reader === this.#database.reader && before === this.#changes) this.#cache.set(user, profile);
    return profile;
  }

  async memberProfile(user: UserNid): Promise<{ displayname?: string; avatar_url?: string }> {
    const { displayname, avatar_url: avatarUrl } = await this.of(user);
    return {
      ...(typeof displayname === 'string' ? { displayname } : {}),
      ...(typeof avatarUrl === 'string' ? { avatar_url: avatarUrl } : {}),
    };
  }

  /** Sets a field; undefined takes it out. */
  async set(writer: Writer, user: UserNid, field: string, value: JsonValue | undefined): Promise<void> {
    if (value === undefined) await writer.run(sql`DELETE FROM profile_fields WHERE user_nid = ${user} AND field = ${field}`);
    else {
      await writer.run(sql`INSERT INTO profile_fields (user_nid, field, value) VALUES (${user}, ${field}, ${JSON.stringify(value)})
        ON CONFLICT (user_nid, field) DO UPDATE SET value = excluded.value`);
    }
    writer.onDurable(() => {
      this.#changes++;
      this.#cache.delete(user);
    });
  }
}
