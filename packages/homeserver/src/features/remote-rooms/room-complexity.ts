import { federation, MatrixError } from '@myelin/api';
import type { Timers } from '@myelin/runtime';
import type { RemoteRoomLimit } from '../../config/index.ts';
import { FederationError, type FederationClient } from '../federation-client/index.ts';
import { withDeadline } from './deadline.ts';
import { isUnknownEndpoint } from './refusals.ts';

const patience = 10_000;
const largestAnswer = 64 * 1024;

/** `limit_remote_rooms`: rooms that are too large are not joined, as far as their servers tell. */
export class RoomComplexity {
  readonly #client: FederationClient;
  readonly #timers: Timers;
  readonly #limit: RemoteRoomLimit | undefined;

  constructor(client: FederationClient, timers: Timers, limit: RemoteRoomLimit | undefined) {
    this.#client = client;
    this.#timers = timers;
    this.#limit = limit;
  }

  /** Throws M_RESOURCE_LIMIT_EXCEEDED. A room of which nobody says how large it is may be joined. */
  async check(roomId: string, servers: readonly string[], isAdmin: boolean): Promise<void> {
    const limit = this.#limit;
    if (!limit || (isAdmin && limit.adminsCanJoin)) return;
    for (const server of servers) {
      const complexity = await this.#ask(server, roomId);
      if (complexity === undefined) continue;
      if (complexity <= limit.complexity) return;
      throw new MatrixError('M_RESOURCE_LIMIT_EXCEEDED', limit.message, { status: 400 });
    }
  }

  async #ask(server: string, roomId: string): Promise<number | undefined> {
    return withDeadline(this.#timers, patience, async (signal) => {
      for (const pathIndex of [0, 1]) {
        try {
          const options = { signal, maxBytes: largestAnswer, retries: 'none', pathIndex } as const;
          return (await this.#client.call(server, federation.getRoomComplexity, { params: { roomId } }, options)).v1;
        } catch (error) {
          if (!(error instanceof FederationError)) throw error;
          if (!isUnknownEndpoint(error)) return undefined;
        }
      }
      return undefined;
    });
  }
}
