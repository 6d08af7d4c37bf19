import { federation } from '@myelin/api';
import { CanonicalJsonError, VerifyKey, verifyJson, type JsonObject } from '@myelin/protocol';
import type { Clock } from '@myelin/runtime';
import type { TrustedKeyServer } from '../../config/index.ts';
import type { FederationClient } from '../federation-client/index.ts';
import { checkKeyAnswer, type KeyAnswer } from './key-answer.ts';

/** Keys that a notary is to be asked for: until when they must hold (ms), by server and key id. */
export type Wanted = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** Servers in one question. */
const mostServers = 100;
/** Answers to one question that are looked at, for each server asked for. */
const mostAnswersEach = 10;
const timeoutMs = 10_000;
/** For all of an answer, which may tell of many servers. */
const longestMs = 30_000;
const largestAnswer = 10 * 1024 * 1024;

export interface NotaryClientParts {
  readonly client: FederationClient;
  readonly clock: Clock;
  readonly onProblem: (serverName: string, reason: string) => void;
}

/** Asks a trusted key server for the keys of others. Server-Server API §"Querying keys through another server". */
export class NotaryClient {
  readonly serverName: string;
  readonly #parts: NotaryClientParts;
  /** Undefined where its TLS certificate is all that is asked for. */
  readonly #keys: ReadonlyMap<string, VerifyKey> | undefined;

  constructor({ serverName, verifyKeys }: TrustedKeyServer, parts: NotaryClientParts) {
    this.serverName = serverName;
    this.#parts = parts;
    this.#keys = verifyKeys && readKeys(serverName, verifyKeys);
  }

  /** Answers that are signed by the servers that they are of, and by the notary where its keys are known. Never throws. */
  async ask(wanted: Wanted): Promise<KeyAnswer[]> {
    const servers = [...wanted.keys()].filter((server) => server !== this.serverName);
    const answers: KeyAnswer[] = [];
    for (let from = 0; from < servers.length; from += mostServers) {
      const some = servers.slice(from, from + mostServers);
      try {
        answers.push(...(await this.#askForSome(wanted, some)));
      } catch (error) {
        this.#parts.onProblem(this.serverName, (error as Error).message);
        break;
      }
    }
    return answers;
  }

  async #askForSome(wanted: Wanted, servers: readonly string[]): Promise<KeyAnswer[]> {
    const { client, clock } = this.#parts;
    const question = Object.fromEntries(servers.map((server) => [server, criteriaOf(wanted.get(server))]));
    const { server_keys: given } = await client.call(
      this.serverName,
      federation.bulkPerspectivesKeyQuery,
      { body: { server_keys: question } },
      { timeoutMs, longestMs, maxBytes: largestAnswer, retries: 'none' },
    );
    const answers: KeyAnswer[] = [];
    for (const each of given.slice(0, servers.length * mostAnswersEach) as JsonObject[]) {
      const server = each['server_name'];
      if (typeof server !== 'string' || !Object.hasOwn(question, server) || !this.#isVouchedFor(each)) continue;
      const answer = checkKeyAnswer(each, server, clock.now(), 'notary');
      if (answer) answers.push(answer);
    }
    return answers;
  }

  #isVouchedFor(answer: JsonObject): boolean {
    const keys = this.#keys;
    if (!keys) return true;
    try {
      return verifyJson(answer, this.serverName, (_server, keyId) => keys.get(keyId)) === undefined;
    } catch (error) {
      if (error instanceof CanonicalJsonError) return false;
      throw error;
    }
  }
}

function criteriaOf(keys: ReadonlyMap<string, number> = new Map()): Record<string, { minimum_valid_until_ts: number }> {
  return Object.fromEntries([...keys].map(([keyId, until]) => [keyId, { minimum_valid_until_ts: until }]));
}

function readKeys(serverName: string, keys: Readonly<Record<string, string>>): Map<string, VerifyKey> {
  return new Map(
    Object.entries(keys).map(([keyId, text]) => {
      const key = VerifyKey.fromBase64(text);
      if (!key) throw new Error(`trusted_key_servers: ${keyId} of ${serverName} isn't a key`);
      return [keyId, key];
    }),
  );
}
