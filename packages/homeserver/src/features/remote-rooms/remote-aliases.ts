import { federation, MatrixError } from '@myelin/api';
import { isRoomId, isServerName } from '@myelin/protocol';
import type { Timers } from '@myelin/runtime';
import type { RemoteAliasSource } from '../directory/index.ts';
import { FederationError, type FederationClient } from '../federation-client/index.ts';
import { withDeadline } from './deadline.ts';
import { refusalFor } from './refusals.ts';

const patience = 15_000;
const largestAnswer = 1024 * 1024;
/** So many of the servers that an answer names are passed on. */
const mostServers = 500;

/** Asks other servers what their aliases stand for. Server-Server API §GET /query/directory. */
export class RemoteAliases implements RemoteAliasSource {
  readonly #client: FederationClient;
  readonly #timers: Timers;

  constructor(client: FederationClient, timers: Timers) {
    this.#client = client;
    this.#timers = timers;
  }

  /** Throws M_NOT_FOUND for an alias that leads nowhere, 502 if its server can't be asked. */
  async lookUp(alias: string): Promise<{ roomId: string; servers: string[] }> {
    const server = alias.slice(alias.indexOf(':') + 1);
    try {
      const answer = await withDeadline(this.#timers, patience, (signal) =>
        this.#client.call(
          server,
          federation.queryRoomDirectory,
          { query: { room_alias: alias } },
          { signal, maxBytes: largestAnswer, ignoreBackoff: true, retries: 'none' },
        ),
      );
      if (!isRoomId(answer.room_id)) throw new FederationError('bad-answer', server, 'No room id');
      return { roomId: answer.room_id, servers: answer.servers.filter(isServerName).slice(0, mostServers) };
    } catch (error) {
      if (error instanceof FederationError && error.status === 404) {
        throw new MatrixError('M_NOT_FOUND', `Room alias ${alias} not found`);
      }
      throw refusalFor(error, 'The room alias was not found');
    }
  }
}
