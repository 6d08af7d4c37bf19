import { MatrixError } from '@myelin/api';
import type { UserNid } from '../names/index.ts';
import type { BackedUpKey, BackedUpKeyStore } from './backed-up-key-store.ts';
import type { KeyBackups } from './key-backups.ts';

/** Keys read at once. */
const defaultPage = 1_000;

/** Reads keys out of backups, as the JSON of answers. A large backup is never in memory whole. */
export class BackupReader {
  readonly #backups: KeyBackups;
  readonly #keys: BackedUpKeyStore;
  readonly #page: number;

  constructor(backups: KeyBackups, keys: BackedUpKeyStore, page = defaultPage) {
    this.#backups = backups;
    this.#keys = keys;
    this.#page = page;
  }

  /** Throws M_NOT_FOUND if there is no such version, or no key of that session in it. */
  async session(user: UserNid, version: string, roomId: string, sessionId: string): Promise<string> {
    const key = await this.#keys.get((await this.#backups.get(user, version)).nid, roomId, sessionId);
    if (!key) throw new MatrixError('M_NOT_FOUND', 'No room_keys found');
    return keyText(key);
  }

  /** `{"sessions":{…}}` in pieces. Throws M_NOT_FOUND if there is no such version. */
  async room(user: UserNid, version: string, roomId: string): Promise<AsyncIterable<string>> {
    const { nid } = await this.#backups.get(user, version);
    return this.#roomPieces(nid, roomId);
  }

  /** `{"rooms":{…}}` in pieces. Throws M_NOT_FOUND if there is no such version. */
  async all(user: UserNid, version: string): Promise<AsyncIterable<string>> {
    const { nid } = await this.#backups.get(user, version);
    return this.#allPieces(nid);
  }

  async *#roomPieces(backup: number, roomId: string): AsyncGenerator<string> {
    let separator = '{"sessions":{';
    let after = '';
    for (;;) {
      const keys = await this.#keys.ofRoom(backup, roomId, after, this.#page);
      if (keys.length > 0) {
        yield separator + keys.map(memberText).join(',');
        separator = ',';
      }
      const last = keys.at(-1);
      if (!last || keys.length < this.#page) break;
      after = last.sessionId;
    }
    yield separator === ',' ? '}}' : `${separator}}}`;
  }

  async *#allPieces(backup: number): AsyncGenerator<string> {
    let last: BackedUpKey | undefined;
    yield '{"rooms":{';
    for (;;) {
      const keys = await this.#keys.after(backup, last?.roomId ?? '', last?.sessionId ?? '', this.#page);
      let text = '';
      for (const key of keys) {
        if (key.roomId === last?.roomId) text += ',';
        else text += `${last ? '}},' : ''}${JSON.stringify(key.roomId)}:{"sessions":{`;
        text += memberText(key);
        last = key;
      }
      if (text !== '') yield text;
      if (keys.length < this.#page) break;
    }
    yield last ? '}}}}' : '}}';
  }
}

function memberText(key: BackedUpKey): string {
  return `${JSON.stringify(key.sessionId)}:${keyText(key)}`;
}

function keyText({ firstMessageIndex, forwardedCount, isVerified, sessionData }: BackedUpKey): string {
  return `{"first_message_index":${firstMessageIndex},"forwarded_count":${forwardedCount},"is_verified":${isVerified},"session_data":${sessionData}}`;
}
