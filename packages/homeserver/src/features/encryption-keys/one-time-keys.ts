import { MatrixError } from '@myelin/api';
import { sql, type Database, type Reader, type Writer } from '@myelin/database';
import { signableJson, type JsonObject } from '@myelin/protocol';
import { boundedCache } from '../../caches/index.ts';
import type { DeviceNid } from '../names/index.ts';
import type { Streams } from '../streams/index.ts';

/** A one-time or fallback key that a device uploads. */
export interface UploadedKey {
  readonly algorithm: string;
  readonly keyId: string;
  /** Canonical JSON. */
  readonly key: string;
}

export interface ClaimedKey {
  /** `algorithm:id` */
  readonly name: string;
  /** JSON text. */
  readonly key: string;
}

/** What /sync tells of a device's keys, as JSON texts. */
interface KeySupply {
  readonly counts: string;
  readonly unusedFallbacks: string;
}

export type KeyCounts = Readonly<Record<string, number>>;

/** As many keys as a device may have waiting, as with Synapse, and in how many algorithms. */
const mostKeysPerAlgorithm = 500;
const mostAlgorithms = 10;

const columns = ['device', 'algorithm', 'batch', 'key_id', 'key'] as const;

/** The one-time and fallback keys of devices. Client-Server API §"One-time and fallback keys". */
export class OneTimeKeys {
  readonly #database: Database;
  readonly #streams: Streams;
  readonly #supplies = boundedCache<DeviceNid, KeySupply>(50_000);
  /** Grows with each change, so that what was read before a change isn't cached after it. */
  #changes = 0;

  constructor(database: Database, streams: Streams) {
    this.#database = database;
    this.#streams = streams;
  }

  /** How many keys of each algorithm the device has left. */
  async counts(device: DeviceNid): Promise<KeyCounts> {
    return JSON.parse((await this.#supply(device)).counts) as KeyCounts;
  }

  /** `counts` as JSON text. */
  async countsText(device: DeviceNid): Promise<string> {
    return (await this.#supply(device)).counts;
  }

  /** The algorithms whose fallback key wasn't given out yet, as JSON text. */
  async unusedFallbacksText(device: DeviceNid): Promise<string> {
    return (await this.#supply(device)).unusedFallbacks;
  }

  /** Only one upload of a device at a time: to be taken first in the transaction of `add`. */
  lock(writer: Writer, device: DeviceNid): Promise<void> {
    return writer.lock(`one-time-keys:${device}`);
  }

  /**
   * Adds one-time keys; the same ones again change nothing. Throws M_UNKNOWN if the device has another key of a name, and
   * M_TOO_LARGE if it would have too many. Resolves to the counts.
   */
  async add(writer: Writer, device: DeviceNid, keys: readonly UploadedKey[]): Promise<KeyCounts> {
    const rows = await writer.all<{ algorithm: string; key_id: string; key: string }>(
      sql`SELECT algorithm, key_id, key FROM one_time_keys WHERE device = ${device}`,
    );
    const existing = new Map(rows.map((row) => [`${row.algorithm}:${row.key_id}`, row.key]));
    const fresh = keys.filter((key) => {
      const old = existing.get(`${key.algorithm}:${key.keyId}`);
      if (old !== undefined && !isSameOneTimeKey(old, key.key)) throw duplicate(key, old);
      return old === undefined;
    });
    const counts = countByAlgorithm([...rows, ...fresh]);
    checkLimits(counts);
    if (fresh.length > 0) {
      // Nobody waits for it: it says in which order keys are given out.
      const batch = this.#streams.next(writer);
      await writer.insert(
        'one_time_keys',
        columns,
        fresh.map((key) => [device, key.algorithm, batch, key.keyId, key.key]),
      );
      this.#invalidate(writer, [device]);
    }
    return Object.fromEntries(counts);
  }

  /** Sets the fallback key of each algorithm. The one that is there already stays used. */
  async setFallbacks(writer: Writer, device: DeviceNid, keys: readonly UploadedKey[]): Promise<void> {
    const rows = await writer.all<{ algorithm: string; key_id: string; key: string }>(
      sql`SELECT algorithm, key_id, key FROM fallback_keys WHERE device = ${device}`,
    );
    const existing = new Map(rows.map((row) => [row.algorithm, row]));
    if (new Set([...existing.keys(), ...keys.map((key) => key.algorithm)]).size > mostAlgorithms) {
      throw new MatrixError('M_TOO_LARGE', `A device may have fallback keys of ${mostAlgorithms} algorithms`, {
        status: 400,
      });
    }
    for (const { algorithm, keyId, key } of keys) {
      const old = existing.get(algorithm);
      if (old?.key_id === keyId && old.key === key) continue;
      await writer.run(sql`INSERT INTO fallback_keys (device, algorithm, key_id, key, used) VALUES (${device}, ${algorithm}, ${keyId}, ${key}, 0)
        ON CONFLICT (device, algorithm) DO UPDATE SET key_id = excluded.key_id, key = excluded.key, used = 0`);
    }
    this.#invalidate(writer, [device]);
  }

  /** Takes a device's oldest one-time key of an algorithm, or its fallback key if there is none; no one-time key is ever given out twice. */
  async claim(writer: Writer, device: DeviceNid, algorithm: string): Promise<ClaimedKey | undefined> {
    // Two claims at once must not wait for the same key, and then find it gone: each takes the oldest that is free.
    const row = await writer.get<{ key_id: string; key: string }>(
      sql`DELETE FROM one_time_keys WHERE device = ${device} AND algorithm = ${algorithm} AND (batch, key_id) = (
            SELECT batch, key_id FROM one_time_keys WHERE device = ${device} AND algorithm = ${algorithm}
            ORDER BY batch, key_id LIMIT 1 ${skipLocked})
          RETURNING key_id, key`,
    );
    if (row) {
      this.#invalidate(writer, [device]);
      return { name: `${algorithm}:${row.key_id}`, key: row.key };
    }
    const fallback = await writer.get<{ key_id: string; key: string; used: number }>(
      sql`SELECT key_id, key, used FROM fallback_keys WHERE device = ${device} AND algorithm = ${algorithm}`,
    );
    if (!fallback) return undefined;
    if (fallback.used === 0) {
      await writer.run(sql`UPDATE fallback_keys SET used = 1 WHERE device = ${device} AND algorithm = ${algorithm}`);
      this.#invalidate(writer, [device]);
    }
    return { name: `${algorithm}:${fallback.key_id}`, key: fallback.key };
  }

  /** Drops all keys of a device. */
  async delete(writer: Writer, device: DeviceNid): Promise<void> {
    await writer.run(sql`DELETE FROM one_time_keys WHERE device = ${device}`);
    await writer.run(sql`DELETE FROM fallback_keys WHERE device = ${device}`);
    this.#invalidate(writer, [device]);
  }

  async #supply(device: DeviceNid): Promise<KeySupply> {
    const cached = this.#supplies.get(device);
    if (cached) return cached;
    const before = this.#changes;
    const supply = await readSupply(this.#database.reader, device);
    if (before === this.#changes) this.#supplies.set(device, supply);
    return supply;
  }

  #invalidate(writer: Writer, devices: readonly DeviceNid[]): void {
    writer.onDurable(() => {
      this.#changes++;
      for (const device of devices) this.#supplies.delete(device);
    });
  }
}

const skipLocked = sql.byDialect({ sqlite: sql.raw(''), postgres: sql.raw('FOR UPDATE SKIP LOCKED') });

async function readSupply(reader: Reader, device: DeviceNid): Promise<KeySupply> {
  const rows = await reader.all<{ algorithm: string; keys: number }>(
    sql`SELECT algorithm, COUNT(*) AS keys FROM one_time_keys WHERE device = ${device} GROUP BY algorithm`,
  );
  const fallbacks = await reader.all<{ algorithm: string }>(
    sql`SELECT algorithm FROM fallback_keys WHERE device = ${device} AND used = 0 ORDER BY algorithm`,
  );
  const counts = new Map(noKeys);
  for (const { algorithm, keys } of rows) counts.set(algorithm, keys);
  return {
    counts: JSON.stringify(Object.fromEntries(counts)),
    unusedFallbacks: JSON.stringify(fallbacks.map((row) => row.algorithm)),
  };
}

/** Told even if there is none: clients upload keys when they see it. */
const noKeys: readonly (readonly [string, number])[] = [['signed_curve25519', 0]];

function countByAlgorithm(keys: readonly { readonly algorithm: string }[]): Map<string, number> {
  const counts = new Map(noKeys);
  for (const { algorithm } of keys) counts.set(algorithm, (counts.get(algorithm) ?? 0) + 1);
  return counts;
}

function checkLimits(counts: ReadonlyMap<string, number>): void {
  const tooMany = [...counts].find(([, count]) => count > mostKeysPerAlgorithm);
  if (tooMany)
    throw new MatrixError('M_TOO_LARGE', `A device may have ${mostKeysPerAlgorithm} one-time keys of an algorithm`, {
      status: 400,
    });
  if (counts.size > mostAlgorithms)
    throw new MatrixError('M_TOO_LARGE', `A device may have one-time keys of ${mostAlgorithms} algorithms`, {
      status: 400,
    });
}

/** Signatures may differ from one upload to the next. */
function isSameOneTimeKey(a: string, b: string): boolean {
  if (a === b) return true;
  const [one, other] = [JSON.parse(a) as string | JsonObject, JSON.parse(b) as string | JsonObject];
  if (typeof one === 'string' || typeof other === 'string') return one === other;
  return signableJson(one) === signableJson(other);
}

/** Worded as Synapse does: clients look for it. The keys are public ones. */
function duplicate(key: UploadedKey, old: string): MatrixError {
  return new MatrixError(
    'M_UNKNOWN',
    `One time key ${key.algorithm}:${key.keyId} already exists. Old key: ${old}; new key: ${key.key}`,
  );
}
