import { MatrixError } from '@myelin/api';
import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import type { JsonObject, JsonValue } from '@myelin/protocol';
import { LRUCache } from 'lru-cache';
import type { ProfileSource } from '../membership/index.ts';
import type { UserNid } from '../names/index.ts';
import { largestProfile } from './profile-fields.ts';
import type { ProfileListener } from './profile-ports.ts';

/** What local users tell of themselves. Client-Server API §"Profiles". */
export class Profiles implements ProfileSource {
  readonly #database: Database;
  readonly #cache: LRUCache<UserNid, JsonObject>;
  readonly #listeners: ProfileListener[] = [];
  /** Grows with each change, so that what was read before a change isn't cached after it. */
  #changes = 0;

  constructor(database: Database, cacheBytes: number) {
    this.#database = database;
    this.#cache = new LRUCache({
      maxSize: cacheBytes,
      sizeCalculation: (profile) => 200 + JSON.stringify(profile).length * 2,
    });
  }

  onChange(listener: ProfileListener): void {
    this.#listeners.push(listener);
  }

  /** All fields of a profile. Shared: don't change it. */
  async of(user: UserNid, reader: Reader = this.#database.reader): Promise<JsonObject> {
    const shared = reader === this.#database.reader;
    const cached = shared ? this.#cache.get(user) : undefined;
    if (cached) return cached;
    const before = this.#changes;
    const rows = await reader.all<{ field: string; value: string }>(
      sql`SELECT field, value FROM profile_fields WHERE user_nid = ${user} ORDER BY field`,
    );
    const profile: JsonObject = Object.fromEntries(rows.map((row) => [row.field, JSON.parse(row.value) as JsonValue]));
    if (shared && before === this.#changes) this.#cache.set(user, profile);
    return profile;
  }

  async memberProfile(user: UserNid): Promise<{ displayname?: string; avatar_url?: string }> {
    const { displayname, avatar_url: avatarUrl } = await this.of(user);
    return {
      ...(typeof displayname === 'string' ? { displayname } : {}),
      ...(typeof avatarUrl === 'string' ? { avatar_url: avatarUrl } : {}),
    };
  }

  /** Sets a field; undefined takes it out. Resolves to whether anything changed. Throws M_PROFILE_TOO_LARGE. */
  async set(writer: Writer, user: UserNid, field: string, value: JsonValue | undefined): Promise<boolean> {
    const profile = await this.of(user, writer);
    const text = value === undefined ? undefined : JSON.stringify(value);
    if (text === (Object.hasOwn(profile, field) ? JSON.stringify(profile[field]) : undefined)) return false;
    if (text === undefined)
      await writer.run(sql`DELETE FROM profile_fields WHERE user_nid = ${user} AND field = ${field}`);
    else {
      if (Buffer.byteLength(JSON.stringify({ ...profile, [field]: value })) >= largestProfile) {
        throw new MatrixError('M_PROFILE_TOO_LARGE', 'The profile would be too large');
      }
      await writer.run(sql`INSERT INTO profile_fields (user_nid, field, value) VALUES (${user}, ${field}, ${text})
        ON CONFLICT (user_nid, field) DO UPDATE SET value = excluded.value`);
    }
    for (const listener of this.#listeners) await listener(writer, user, field);
    this.#forget(writer, user);
    return true;
  }

  /** Takes the whole profile out. */
  async remove(writer: Writer, user: UserNid): Promise<void> {
    const fields = Object.keys(await this.of(user, writer));
    await writer.run(sql`DELETE FROM profile_fields WHERE user_nid = ${user}`);
    for (const field of fields) for (const listener of this.#listeners) await listener(writer, user, field);
    this.#forget(writer, user);
  }

  #forget(writer: Writer, user: UserNid): void {
    writer.onDurable(() => {
      this.#changes++;
      this.#cache.delete(user);
    });
  }
}
