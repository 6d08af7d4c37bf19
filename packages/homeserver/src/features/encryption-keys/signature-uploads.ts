import { MatrixError } from '@myelin/api';
import type { Database, Reader } from '@myelin/database';
import type { JsonObject } from '@myelin/protocol';
import type { Names, UserNid } from '../names/index.ts';
import type { DeviceListLog } from './device-list-log.ts';
import type { Owner } from './key-checks.ts';
import { noRemoteKeys, type RemoteKeyAnswer, type RemoteKeys } from './remote-keys.ts';
import type { KeySignature, SignatureStore } from './signature-store.ts';
import { SignatureVerifier, type VerifierParts } from './signature-verifier.ts';
import { sortUsers } from './user-sorting.ts';

export interface SignatureUploadParts extends VerifierParts {
  readonly serverName: string;
  readonly database: Database;
  readonly names: Names;
  readonly signatures: SignatureStore;
  readonly log: DeviceListLog;
}

/** By user and key id, why a signed key was refused. */
export type SignatureFailures = Record<string, Record<string, Record<string, unknown>>>;

/** Keys in one request: each takes a check or more of a signature, 0.1 ms of the event loop. */
const mostKeys = 500;
/** For the keys of other servers' users that aren't known, in milliseconds. */
const remoteTimeout = 10_000;

/** Takes signatures of keys, each checked. Client-Server API §POST /keys/signatures/upload. */
export class SignatureUploads {
  readonly #parts: SignatureUploadParts;
  #remote: RemoteKeys = noRemoteKeys;

  constructor(parts: SignatureUploadParts) {
    this.#parts = parts;
  }

  /** Lets keys of other servers' users be signed that aren't kept here. */
  useRemote(remote: RemoteKeys): void {
    this.#remote = remote;
  }

  async upload(
    owner: Owner,
    upload: Readonly<Record<string, Readonly<Record<string, JsonObject>>>>,
  ): Promise<SignatureFailures> {
    const total = Object.values(upload).reduce((sum, keys) => sum + Object.keys(keys).length, 0);
    if (total > mostKeys) throw new MatrixError('M_TOO_LARGE', `More than ${mostKeys} signed keys in one request`);
    const { database, names, signatures, log } = this.#parts;
    const others = await names.findUsers(Object.keys(upload).filter((userId) => userId !== owner.userId));
    const remoteMasters = await this.#unknownMasters(others);

    return database.transact(async (writer) => {
      const failures = new Map<string, Map<string, MatrixError>>();
      const own: KeySignature[] = [];
      const ofOthers: KeySignature[] = [];
      const verifier = new SignatureVerifier(owner, this.#parts, writer);
      for (const [userId, keys] of Object.entries(upload)) {
        for (const [keyId, key] of Object.entries(keys)) {
          try {
            if (userId === owner.userId) own.push(...(await verifier.ownKey(keyId, key)));
            else ofOthers.push(await verifier.otherKey(others.get(userId), keyId, key, remoteMasters.get(userId)));
          } catch (error) {
            if (!(error instanceof MatrixError)) throw error;
            const ofUser = failures.get(userId) ?? new Map<string, MatrixError>();
            failures.set(userId, ofUser.set(keyId, error));
          }
        }
      }
      const fresh = await this.#fresh(owner.user, [...own, ...ofOthers], writer);
      const freshOwn = fresh.filter((each) => each.target === owner.user);
      if (freshOwn.length > 0) {
        const master = (await this.#parts.crossSigning.ofUser(owner.user, writer)).get('master')?.publicKey;
        const signed = new Set(freshOwn.map(({ targetKey }) => (targetKey === master ? '' : targetKey)));
        await log.changed(writer, owner.user, [...signed]);
        await signatures.add(writer, freshOwn, 0);
      }
      const freshOthers = fresh.filter((each) => each.target !== owner.user);
      if (freshOthers.length > 0) {
        const position = log.signed(writer, owner.user, [...new Set(freshOthers.map((each) => each.target))]);
        await signatures.add(writer, freshOthers, position);
      }
      return failuresBody(failures);
    });
  }

  /** The master keys of other servers' users that aren't kept here. */
  async #unknownMasters(others: ReadonlyMap<string, UserNid>): Promise<RemoteKeyAnswer['masterKeys']> {
    const { crossSigning, serverName } = this.#parts;
    if (others.size === 0) return new Map();
    const known = new Set((await crossSigning.ofUsers([...others.values()])).map(({ user }) => user));
    const unknown = [...others].filter(([, user]) => !known.has(user)).map(([userId]) => [userId, []] as const);
    const { byServer } = sortUsers(Object.fromEntries(unknown), serverName);
    return byServer.size === 0 ? new Map() : (await this.#remote.query(byServer, remoteTimeout)).masterKeys;
  }

  /** Those that aren't stored yet. */
  async #fresh(signer: UserNid, uploaded: readonly KeySignature[], reader: Reader): Promise<KeySignature[]> {
    const targets = [...new Set(uploaded.map((each) => each.target))];
    const stored = new Map(
      (await this.#parts.signatures.by(signer, targets, reader)).map((each) => [nameOf(each), each.signature]),
    );
    return uploaded.filter((each) => stored.get(nameOf(each)) !== each.signature);
  }
}

function nameOf({ target, targetKey, signingKey }: KeySignature): string {
  return JSON.stringify([target, targetKey, signingKey]);
}

function failuresBody(failures: ReadonlyMap<string, ReadonlyMap<string, MatrixError>>): SignatureFailures {
  return Object.fromEntries(
    [...failures].map(([userId, keys]) => [
      userId,
      Object.fromEntries([...keys].map(([keyId, error]) => [keyId, { status: error.status, ...error.toBody() }])),
    ]),
  );
}
