import { sql, type Reader, type Writer } from '@myelin/database';
import { getOwn, isJsonObject, parseJson, VerifyKey, type JsonObject } from '@myelin/protocol';
import type { KeyAnswer } from './key-answer.ts';
import type { KnownKey } from './known-key.ts';

/** Older keys of a server are forgotten: one that makes new keys all the time doesn't fill our tables. */
export const mostKeysOfServer = 200;
/** Each is kept with the answer that showed it, which is large, for so many of the newest. */
const mostAnswersOfServer = 20;

interface KeyRow {
  readonly server_name: string;
  readonly key_id: string;
  readonly public_key: string;
  readonly valid_until: number;
  readonly is_old: number;
  readonly answered_until: number;
}

/** The stored keys of some servers, by server and key id. */
export async function keysIn(reader: Reader, servers: readonly string[]): Promise<Map<string, Map<string, KnownKey>>> {
  const found = new Map<string, Map<string, KnownKey>>();
  const rows = await reader.all<KeyRow>(
    sql`SELECT server_name, key_id, public_key, valid_until, is_old, answered_until FROM server_keys
      WHERE ${sql.anyOf('server_name', servers)}`,
  );
  for (const row of rows) {
    const key = VerifyKey.fromBase64(row.public_key);
    if (!key) continue;
    let keys = found.get(row.server_name);
    if (!keys) found.set(row.server_name, (keys = new Map()));
    keys.set(row.key_id, {
      publicKey: row.public_key,
      key,
      validUntil: row.valid_until,
      isOld: row.is_old !== 0,
      answeredUntil: row.answered_until,
    });
  }
  return found;
}

/** An answer that is older than what is stored changes nothing. */
export async function putAnswer(writer: Writer, answer: KeyAnswer): Promise<void> {
  const { serverName, keys, validUntil, text } = answer;
  const supersedes = answer.supersedes ? 1 : 0;
  for (const [keyId, known] of keys) {
    await writer.run(
      sql`INSERT INTO server_keys (server_name, key_id, public_key, valid_until, is_old, answered_until)
        VALUES (${serverName}, ${keyId}, ${known.publicKey}, ${known.validUntil}, ${known.isOld ? 1 : 0}, ${known.answeredUntil})
        ON CONFLICT (server_name, key_id) DO UPDATE SET public_key = excluded.public_key,
          valid_until = excluded.valid_until, is_old = excluded.is_old, answered_until = excluded.answered_until
        WHERE ${supersedes} = 1 OR excluded.answered_until >= server_keys.answered_until`,
    );
  }
  for (const [keyId, { isOld }] of keys) {
    if (isOld) continue;
    await writer.run(
      sql`INSERT INTO server_key_answers (server_name, key_id, valid_until, json)
        VALUES (${serverName}, ${keyId}, ${validUntil}, ${text})
        ON CONFLICT (server_name, key_id) DO UPDATE SET valid_until = excluded.valid_until, json = excluded.json
        WHERE ${supersedes} = 1 OR excluded.valid_until >= server_key_answers.valid_until`,
    );
  }
  const stored = await writer.get<{ keys: number; answers: number }>(
    sql`SELECT (SELECT COUNT(*) FROM server_keys WHERE server_name = ${serverName}) AS keys,
      (SELECT COUNT(*) FROM server_key_answers WHERE server_name = ${serverName}) AS answers`,
  );
  if ((stored?.answers ?? 0) > mostAnswersOfServer)
    await writer.run(
      sql`DELETE FROM server_key_answers WHERE server_name = ${serverName} AND key_id NOT IN (
        SELECT key_id FROM server_key_answers WHERE server_name = ${serverName}
        ORDER BY valid_until DESC, key_id LIMIT ${mostAnswersOfServer})`,
    );
  if ((stored?.keys ?? 0) <= mostKeysOfServer) return;
  await writer.run(
    sql`DELETE FROM server_keys WHERE server_name = ${serverName} AND key_id NOT IN (
      SELECT key_id FROM server_keys WHERE server_name = ${serverName}
      ORDER BY answered_until DESC, key_id LIMIT ${mostKeysOfServer})`,
  );
  await writer.run(
    sql`DELETE FROM server_key_answers WHERE server_name = ${serverName} AND key_id NOT IN (
      SELECT key_id FROM server_keys WHERE server_name = ${serverName})`,
  );
}

/** An answer as it is passed on. */
export interface StoredAnswer {
  readonly keyId: string;
  readonly validUntil: number;
  readonly json: JsonObject;
}

/** Newest first. */
export async function answersIn(reader: Reader, serverName: string): Promise<StoredAnswer[]> {
  const rows = await reader.all<{ key_id: string; valid_until: number; json: string }>(
    sql`SELECT key_id, valid_until, json FROM server_key_answers WHERE server_name = ${serverName}
      ORDER BY valid_until DESC, key_id`,
  );
  return rows.flatMap(({ key_id: keyId, valid_until: validUntil, json }) => {
    const parsed = parseJson(json);
    return parsed.ok && isJsonObject(parsed.value) ? [{ keyId, validUntil, json: parsed.value }] : [];
  });
}

/** An answer as it would be read again. */
export function asStored({ keys, validUntil, text }: KeyAnswer): StoredAnswer[] {
  const parsed = parseJson(text);
  if (!parsed.ok || !isJsonObject(parsed.value)) return [];
  const json = parsed.value;
  return [...keys].flatMap(([keyId, { isOld }]) => (isOld ? [] : [{ keyId, validUntil, json }]));
}

/** Whether an answer shows a key, as one that is in use or as an old one. */
export function shows(json: JsonObject, keyId: string): boolean {
  return ['verify_keys', 'old_verify_keys'].some((name) => {
    const keys = getOwn(json, name);
    return isJsonObject(keys) && Object.hasOwn(keys, keyId);
  });
}
