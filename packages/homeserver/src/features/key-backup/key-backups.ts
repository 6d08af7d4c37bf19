import { MatrixError } from '@myelin/api';
import type { Database, Writer } from '@myelin/database';
import type { UserNid } from '../names/index.ts';
import type { Counter } from '../counters/index.ts';
import type { BackedUpKey, BackedUpKeyStore, KeyMetadata } from './backed-up-key-store.ts';
import type { BackupRemains } from './backup-remains.ts';
import type { Backup, BackupStore } from './backup-store.ts';

export interface KeyBackupsParts {
  readonly database: Database;
  readonly numbers: Counter;
  readonly backups: BackupStore;
  readonly keys: BackedUpKeyStore;
  readonly remains: BackupRemains;
}

/** How a backup stands after a change. */
export interface BackupState {
  readonly count: number;
  /** Differs when the keys do. */
  readonly etag: string;
}

/** Which keys of a backup are meant: all, those of a room, or that of a session. */
export interface KeySelection {
  readonly roomId?: string;
  readonly sessionId?: string;
}

const mostBackups = 100;
const mostKeys = 500_000;
const longestAlgorithm = 255;
/** In characters. */
const largestAuthData = 65_536;

/** Backups of room keys, encrypted by the client. Client-Server API §"Server-side key backups". */
export class KeyBackups {
  readonly #parts: KeyBackupsParts;

  constructor(parts: KeyBackupsParts) {
    this.#parts = parts;
  }

  /** Begins a backup; it is the current one from now on. Resolves to its version. `authData`: JSON text. */
  async create(user: UserNid, algorithm: string, authData: string): Promise<string> {
    if (algorithm.length > longestAlgorithm)
      throw new MatrixError('M_INVALID_PARAM', 'The name of the algorithm is too long');
    checkAuthData(authData);
    const { backups, numbers } = this.#parts;
    const version = await this.#write(user, async (writer) => {
      const { newest, left } = await backups.versions(user, writer);
      if (left >= mostBackups)
        throw new MatrixError('M_RESOURCE_LIMIT_EXCEEDED', 'You have too many key backups; delete old ones');
      await backups.create(writer, user, { nid: numbers.take(), version: newest + 1, algorithm, authData });
      return newest + 1;
    });
    return String(version);
  }

  /** The current backup. Throws M_NOT_FOUND. */
  async current(user: UserNid): Promise<Backup> {
    const backup = await this.#parts.backups.current(user);
    if (!backup) throw new MatrixError('M_NOT_FOUND', 'No current backup version');
    return backup;
  }

  /** Throws M_NOT_FOUND. */
  async get(user: UserNid, version: string): Promise<Backup> {
    return this.#find(user, version);
  }

  /** Changes what authenticates a backup. The algorithm must be the same. */
  async update(user: UserNid, version: string, algorithm: string, authData: string): Promise<void> {
    checkAuthData(authData);
    await this.#write(user, async (writer) => {
      const backup = await this.#find(user, version, writer);
      if (backup.algorithm !== algorithm) throw new MatrixError('M_INVALID_PARAM', 'Algorithm does not match');
      await this.#parts.backups.setAuthData(writer, backup.nid, authData);
    });
  }

  /** Deletes a backup with its keys. Throws M_NOT_FOUND. */
  async delete(user: UserNid, version: string): Promise<void> {
    await this.#write(user, async (writer) => {
      await this.#parts.backups.delete(writer, (await this.#find(user, version, writer)).nid);
      writer.onDurable(() => this.#parts.remains.sweep());
    });
  }

  /**
   * Adds keys to the current backup; of two keys of a session the better one stays. Throws M_WRONG_ROOM_KEYS_VERSION if
   * the version isn't the current one, M_NOT_FOUND if there is no such version.
   */
  async add(user: UserNid, version: string, keys: readonly BackedUpKey[]): Promise<BackupState> {
    const byRoom = Map.groupBy(keys, (key) => key.roomId);
    return this.#write(user, async (writer) => {
      let backup = await this.#find(user, version, writer);
      const current = await this.#parts.backups.current(user, writer);
      if (current && current.nid !== backup.nid) {
        throw new MatrixError('M_WRONG_ROOM_KEYS_VERSION', 'Wrong backup version', {
          details: { current_version: String(current.version) },
        });
      }
      let added = 0;
      const winners: BackedUpKey[] = [];
      for (const [roomId, ofRoom] of byRoom) {
        const stored = await this.#parts.keys.metadata(
          writer,
          backup.nid,
          roomId,
          ofRoom.map((key) => key.sessionId),
        );
        for (const key of ofRoom) {
          const old = stored.get(key.sessionId);
          if (!old) added++;
          if (!old || isBetter(key, old)) winners.push(key);
        }
      }
      if (winners.length === 0) return stateOf(backup);
      if (backup.keys + added > mostKeys) throw new MatrixError('M_RESOURCE_LIMIT_EXCEEDED', 'The key backup is full');
      await this.#parts.keys.put(writer, backup.nid, winners);
      backup = await this.#parts.backups.keysChanged(writer, backup, added);
      return stateOf(backup);
    });
  }

  /** Deletes keys out of a backup. Throws M_NOT_FOUND if there is no such version. */
  async deleteKeys(user: UserNid, version: string, { roomId, sessionId }: KeySelection): Promise<BackupState> {
    const { backups, keys, numbers, remains } = this.#parts;
    return this.#write(user, async (writer) => {
      const backup = await this.#find(user, version, writer);
      if (backup.keys === 0) return stateOf(backup);
      if (roomId === undefined) {
        writer.onDurable(() => remains.sweep());
        return stateOf(await backups.empty(writer, backup, numbers.take()));
      }
      const deleted = await keys.delete(writer, backup.nid, roomId, sessionId);
      return stateOf(deleted === 0 ? backup : await backups.keysChanged(writer, backup, -deleted));
    });
  }

  /** Drops all backups of a user: for accounts that are deactivated. */
  async forget(writer: Writer, user: UserNid): Promise<void> {
    for (const { nid } of await this.#parts.backups.all(user, writer)) await this.#parts.backups.delete(writer, nid);
    writer.onDurable(() => this.#parts.remains.sweep());
  }

  /** One change of a user's backups at a time. */
  #write<T>(user: UserNid, body: (writer: Writer) => Promise<T>): Promise<T> {
    return this.#parts.database.transact(async (writer) => {
      await writer.lock(`key-backup:${user}`);
      return body(writer);
    });
  }

  async #find(user: UserNid, version: string, writer?: Writer): Promise<Backup> {
    const backup = /^[1-9]\d{0,14}$/.test(version)
      ? await this.#parts.backups.find(user, Number(version), writer)
      : undefined;
    if (!backup) throw new MatrixError('M_NOT_FOUND', 'Unknown backup version');
    return backup;
  }
}

/** Which of two keys of a session is kept. */
export function isBetter(key: KeyMetadata, old: KeyMetadata): boolean {
  if (key.isVerified !== old.isVerified) return key.isVerified;
  if (key.firstMessageIndex !== old.firstMessageIndex) return key.firstMessageIndex < old.firstMessageIndex;
  return key.forwardedCount < old.forwardedCount;
}

function stateOf(backup: Backup): BackupState {
  return { count: backup.keys, etag: String(backup.etag) };
}

function checkAuthData(authData: string): void {
  if (authData.length > largestAuthData) throw new MatrixError('M_TOO_LARGE', 'The auth_data is too large');
}
