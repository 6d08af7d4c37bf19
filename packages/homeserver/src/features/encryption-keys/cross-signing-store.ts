import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import type { UserNid } from '../names/index.ts';

export const crossSigningUsages = ['master', 'self_signing', 'user_signing'] as const;

/** What a cross-signing key is for. Client-Server API §"Cross-signing". */
export type CrossSigningUsage = (typeof crossSigningUsages)[number];

export interface StoredCrossSigningKey {
  readonly user: UserNid;
  readonly usage: CrossSigningUsage;
  /** Unpadded base64: its key id is `ed25519:` and this. */
  readonly publicKey: string;
  /** Canonical JSON. */
  readonly key: string;
}

interface CrossSigningRow {
  user_nid: number;
  usage: string;
  public_key: string;
  key: string;
}

/** The newest cross-signing keys of each user. */
export class CrossSigningStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async ofUsers(users: readonly UserNid[], reader: Reader = this.#database.reader): Promise<StoredCrossSigningKey[]> {
    const rows = await reader.all<CrossSigningRow>(
      sql`SELECT user_nid, usage, public_key, key FROM cross_signing_keys WHERE ${sql.anyOf('user_nid', users)}`,
    );
    return rows.map((row) => ({
      user: row.user_nid as UserNid,
      usage: row.usage as CrossSigningUsage,
      publicKey: row.public_key,
      key: row.key,
    }));
  }

  async ofUser(
    user: UserNid,
    reader: Reader = this.#database.reader,
  ): Promise<ReadonlyMap<CrossSigningUsage, StoredCrossSigningKey>> {
    return new Map((await this.ofUsers([user], reader)).map((key) => [key.usage, key]));
  }

  async put(writer: Writer, { user, usage, publicKey, key }: StoredCrossSigningKey): Promise<void> {
    await writer.run(sql`INSERT INTO cross_signing_keys (user_nid, usage, public_key, key) VALUES (${user}, ${usage}, ${publicKey}, ${key})
      ON CONFLICT (user_nid, usage) DO UPDATE SET public_key = excluded.public_key, key = excluded.key`);
  }

  async deleteOf(writer: Writer, user: UserNid): Promise<void> {
    await writer.run(sql`DELETE FROM cross_signing_keys WHERE user_nid = ${user}`);
  }
}
