import { MatrixError } from '@myelin/api';
import type { Requester } from '../../http/index.ts';
import type { Names, UserNid } from '../names/index.ts';
import { withSignature, type KeyDirectory, type UserKeys } from './key-directory.ts';
import { noRemoteKeys, type KeyQuery, type RemoteKeys, type ServerFailures } from './remote-keys.ts';
import type { KeySignature, SignatureStore } from './signature-store.ts';
import { sortUsers } from './user-sorting.ts';

export interface KeyQueriesParts {
  readonly serverName: string;
  readonly names: Names;
  readonly directory: KeyDirectory;
  readonly signatures: SignatureStore;
}

/** Users in one request. Clients ask for some hundred at a time. */
const mostUsers = 10_000;
/** Users looked up at once. */
const slice = 500;

/** Members of JSON objects as texts. */
interface AnswerParts {
  readonly deviceKeys: string[];
  readonly masterKeys: string[];
  readonly selfSigningKeys: string[];
  readonly userSigningKeys: string[];
}

/** Gives out the keys of users. Client-Server API §POST /keys/query. */
export class KeyQueries {
  readonly #parts: KeyQueriesParts;
  #remote: RemoteKeys = noRemoteKeys;

  constructor(parts: KeyQueriesParts) {
    this.#parts = parts;
  }

  /** Lets keys of other servers' users be found. */
  useRemote(remote: RemoteKeys): void {
    this.#remote = remote;
  }

  /** Resolves to the JSON text of the answer. */
  async query(requester: Requester, query: KeyQuery, timeoutMs: number): Promise<string> {
    if (Object.keys(query).length > mostUsers)
      throw new MatrixError('M_TOO_LARGE', `More than ${mostUsers} users in one request`);
    const { local, byServer } = sortUsers(query, this.#parts.serverName);
    const parts: AnswerParts = { deviceKeys: [], masterKeys: [], selfSigningKeys: [], userSigningKeys: [] };
    const users = [...local];
    for (let at = 0; at < users.length; at += slice)
      await this.#addLocal(requester, users.slice(at, at + slice), parts);
    const failures = byServer.size > 0 ? await this.#addRemote(requester, byServer, timeoutMs, parts) : {};
    return (
      `{"device_keys":{${parts.deviceKeys.join(',')}},"master_keys":{${parts.masterKeys.join(',')}},` +
      `"self_signing_keys":{${parts.selfSigningKeys.join(',')}},"user_signing_keys":{${parts.userSigningKeys.join(',')}},` +
      `"failures":${JSON.stringify(failures)}}`
    );
  }

  async #addRemote(
    requester: Requester,
    byServer: ReadonlyMap<string, KeyQuery>,
    timeoutMs: number,
    parts: AnswerParts,
  ): Promise<ServerFailures> {
    const { names } = this.#parts;
    const answer = await this.#remote.query(byServer, timeoutMs);
    for (const [userId, keys] of answer.deviceKeys)
      parts.deviceKeys.push(member(userId, `{${[...keys].map((each) => member(...each)).join(',')}}`));
    const nids = await names.findUsers(answer.masterKeys.keys());
    const signed = await this.#signedBy(requester, [...nids.values()]);
    for (const [userId, key] of answer.masterKeys) {
      const nid = nids.get(userId);
      const signatures = nid === undefined ? undefined : signed.get(nid);
      parts.masterKeys.push(member(userId, masterText(key, requester.userId, signatures)));
    }
    for (const [userId, text] of answer.selfSigningKeys) parts.selfSigningKeys.push(member(userId, text));
    return answer.failures;
  }

  async #signedBy(
    requester: Requester,
    others: readonly UserNid[],
  ): Promise<ReadonlyMap<UserNid, readonly KeySignature[]>> {
    if (others.length === 0) return new Map();
    return Map.groupBy(await this.#parts.signatures.by(requester.user, others), (each) => each.target);
  }

  async #addLocal(
    requester: Requester,
    users: readonly (readonly [string, readonly string[]])[],
    parts: AnswerParts,
  ): Promise<void> {
    const { names, directory } = this.#parts;
    const nids = await names.findUsers(users.map(([userId]) => userId));
    const known = await directory.of([...nids.values()]);
    const others = [...nids.values()].filter((nid) => nid !== requester.user && known.get(nid)?.master);
    const signed = await this.#signedBy(requester, others);
    for (const [userId, deviceIds] of users) {
      const nid = nids.get(userId);
      const keys = nid === undefined ? undefined : known.get(nid);
      parts.deviceKeys.push(member(userId, devicesText(keys, deviceIds)));
      if (!keys || nid === undefined) continue;
      if (keys.master)
        parts.masterKeys.push(member(userId, masterText(keys.master, requester.userId, signed.get(nid))));
      if (keys.selfSigning) parts.selfSigningKeys.push(member(userId, keys.selfSigning));
      if (keys.userSigning && nid === requester.user) parts.userSigningKeys.push(member(userId, keys.userSigning));
    }
  }
}

function member(name: string, text: string): string {
  return `${JSON.stringify(name)}:${text}`;
}

/** No ids: all devices. A user without keys, or whom nobody knows, has an empty object. */
function devicesText(keys: UserKeys | undefined, deviceIds: readonly string[]): string {
  if (!keys) return '{}';
  const wanted = deviceIds.length === 0 ? keys.devices.keys() : new Set(deviceIds).values();
  const texts: string[] = [];
  for (const deviceId of wanted) {
    const text = keys.devices.get(deviceId);
    if (text !== undefined) texts.push(member(deviceId, text));
  }
  return `{${texts.join(',')}}`;
}

/** A master key with the reader's own signature of it, which nobody else sees. */
function masterText(
  master: NonNullable<UserKeys['master']>,
  signerId: string,
  signatures: readonly KeySignature[] | undefined,
): string {
  let { text } = master;
  for (const { targetKey, signingKey, signature } of signatures ?? []) {
    if (targetKey === master.publicKey) text = withSignature(text, signerId, signingKey, signature);
  }
  return text;
}
