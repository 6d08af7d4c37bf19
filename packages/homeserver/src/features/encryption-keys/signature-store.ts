import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import type { UserNid } from '../names/index.ts';

export interface KeySignature {
  readonly target: UserNid;
  readonly signer: UserNid;
  /** A device id, or the public key of a master key. */
  readonly targetKey: string;
  /** `ed25519:…` */
  readonly signingKey: string;
  readonly signature: string;
}

interface SignatureRow {
  target: number;
  signer: number;
  target_key: string;
  signing_key: string;
  signature: string;
}

const columns = ['target', 'signer', 'target_key', 'signing_key', 'signature', 'position'] as const;

/** Signatures of keys that were uploaded apart from the keys. */
export class SignatureStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** What users have signed of their own. */
  async own(users: readonly UserNid[], reader: Reader = this.#database.reader): Promise<KeySignature[]> {
    const rows = await reader.all<SignatureRow>(
      sql`SELECT target, signer, target_key, signing_key, signature FROM key_signatures WHERE ${sql.anyOf('target', users)} AND signer = target`,
    );
    return rows.map(fromRow);
  }

  /** What a user has signed of others. */
  async by(
    signer: UserNid,
    targets: readonly UserNid[],
    reader: Reader = this.#database.reader,
  ): Promise<KeySignature[]> {
    const rows = await reader.all<SignatureRow>(
      sql`SELECT target, signer, target_key, signing_key, signature FROM key_signatures WHERE ${sql.anyOf('target', targets)} AND signer = ${signer}`,
    );
    return rows.map(fromRow);
  }

  /** Others whose keys a user has signed since a position. */
  async signedSince(signer: UserNid, since: number): Promise<UserNid[]> {
    const rows = await this.#database.reader.all<{ target: number }>(
      sql`SELECT DISTINCT target FROM key_signatures WHERE signer = ${signer} AND position > ${since} AND target <> ${signer}`,
    );
    return rows.map((row) => row.target as UserNid);
  }

  async add(writer: Writer, signatures: readonly KeySignature[], position: number): Promise<void> {
    await writer.insert(
      'key_signatures',
      columns,
      signatures.map((each) => [each.target, each.signer, each.targetKey, each.signingKey, each.signature, position]),
      '(target, signer, target_key, signing_key) DO UPDATE SET signature = excluded.signature, position = excluded.position',
    );
  }

  /** Drops all signatures of a user's key: it is gone. */
  async deleteOfKey(writer: Writer, user: UserNid, targetKey: string): Promise<void> {
    await writer.run(sql`DELETE FROM key_signatures WHERE target = ${user} AND target_key = ${targetKey}`);
  }

  /** Drops what a user has signed of their own with a key that is gone. */
  async deleteOwnBy(writer: Writer, user: UserNid, signingKey: string): Promise<void> {
    await writer.run(
      sql`DELETE FROM key_signatures WHERE target = ${user} AND signer = ${user} AND signing_key = ${signingKey}`,
    );
  }

  /** Drops what a user has signed of others with a key that is gone. */
  async deleteOfOthersBy(writer: Writer, signer: UserNid, signingKey: string): Promise<void> {
    await writer.run(
      sql`DELETE FROM key_signatures WHERE signer = ${signer} AND signing_key = ${signingKey} AND target <> ${signer}`,
    );
  }

  /** Drops all that a user has signed, and what is signed of theirs. */
  async deleteOf(writer: Writer, user: UserNid): Promise<void> {
    await writer.run(sql`DELETE FROM key_signatures WHERE target = ${user}`);
    await writer.run(sql`DELETE FROM key_signatures WHERE signer = ${user}`);
  }
}

function fromRow(row: SignatureRow): KeySignature {
  return {
    target: row.target as UserNid,
    signer: row.signer as UserNid,
    targetKey: row.target_key,
    signingKey: row.signing_key,
    signature: row.signature,
  };
}
