import type { FederationRequest } from '@myelin/homeserver';
import { isJsonObject, parseJson, type JsonObject } from '@myelin/protocol';
import type { SimulatedServer } from '../simulated-server.ts';
import type { Reachable } from './simulated-network.ts';

/** A server as others reach it, which is looked at when one comes that may be shut out of rooms by their access control lists. */
export class GuardedServer implements Reachable {
  readonly #name: string;
  readonly #server: SimulatedServer;
  readonly #isSuspect: (origin: string) => boolean;
  /** Events that it took from servers that were shut out. */
  readonly problems: string[] = [];

  constructor(name: string, server: SimulatedServer, isSuspect: (origin: string) => boolean) {
    this.#name = name;
    this.#server = server;
    this.#isSuspect = isSuspect;
  }

  async exchange(request: FederationRequest): Promise<{ status: number; text: string }> {
    const origin = /origin="([^"]*)"/.exec(request.headers['authorization'] ?? '')?.[1] ?? '';
    if (!this.#isSuspect(origin) || !request.path.startsWith('/_matrix/federation/v1/send/'))
      return this.#server.exchange(request);
    const rooms = roomsOf(request.body);
    const before = await Promise.all(rooms.map((roomId) => this.#listThatShutsOut(roomId, origin)));
    const answer = await this.#server.exchange(request);
    const isShutOut = before.length > 0 && before.every((list) => list !== undefined);
    if (!isShutOut || answer.status !== 200) return answer;
    const after = await Promise.all(rooms.map((roomId) => this.#listThatShutsOut(roomId, origin)));
    if (after.some((list, i) => list !== before[i])) return answer;
    for (const [eventId, result] of Object.entries(objectOf(objectOf(parsed(answer.text))['pdus'])))
      if (objectOf(result)['error'] === undefined)
        this.problems.push(`${this.#name} takes ${eventId} from ${origin}, which is shut out`);
    return answer;
  }

  /** The access control list by which a server is shut out of a room now. */
  async #listThatShutsOut(roomId: string, origin: string): Promise<string | undefined> {
    const { names, heads, states } = this.#server.core;
    const room = await names.findRoom(roomId);
    const head = room === undefined ? undefined : await heads.find(room);
    const list = head && (await states.get(head.state, 'm.room.server_acl', ''));
    const denied = list?.content['deny'];
    return Array.isArray(denied) && denied.includes(origin) ? list?.eventId : undefined;
  }
}

function roomsOf(body: string | undefined): string[] {
  const pdus = objectOf(parsed(body ?? ''))['pdus'];
  const ids = (Array.isArray(pdus) ? pdus : []).map((pdu) => objectOf(pdu)['room_id']);
  return [...new Set(ids.filter((id) => typeof id === 'string'))];
}

function parsed(text: string): unknown {
  const result = parseJson(text);
  return result.ok ? result.value : undefined;
}

function objectOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}
