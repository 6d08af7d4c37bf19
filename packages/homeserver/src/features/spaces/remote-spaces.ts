import { federation } from '@myelin/api';
import { isJsonObject, isRoomId, isServerName, parseUserId, type JsonObject, type JsonValue } from '@myelin/protocol';
import type { Clock } from '@myelin/runtime';
import { boundedCache } from '../../caches/index.ts';
import { shownText } from '../directory/index.ts';
import type { FederationClient } from '../federation-client/index.ts';
import { inOrder, isChild } from './child-order.ts';
import { spaceType, type RoomFacts, type SpaceChild, type SpaceRoom } from './room-facts.ts';

export interface RemoteSpacesParts {
  readonly serverName: string;
  readonly clock: Clock;
  readonly client: FederationClient;
}

/** A room of another server, and what it tells of the rooms in it. */
export interface RemoteSpaceRoom extends SpaceRoom {
  readonly childFacts: ReadonlyMap<string, RoomFacts>;
  /** Rooms in it that this server may not know of: there is no use in asking for them. */
  readonly inaccessible: ReadonlySet<string>;
}

/** So many servers are asked for a room. */
const mostServers = 3;
const mostChildren = 500;
const longestText = 10_000;
/** For all of one answer, in milliseconds. */
const patience = 10_000;
/** An answer may be given again for so long, in milliseconds: pages of one hierarchy look alike. */
const lifetime = 300_000;
const largestAnswer = 4 * 1024 * 1024;

/** Spaces that this server isn't in, as other servers tell of them. Server-Server API §GET /hierarchy. */
export class RemoteSpaces {
  readonly #parts: RemoteSpacesParts;
  readonly #known = boundedCache<string, { readonly room: RemoteSpaceRoom; readonly until: number }>(1_000);

  constructor(parts: RemoteSpacesParts) {
    this.#parts = parts;
  }

  /** Undefined if none of the servers tells of the room. */
  async room(roomId: string, via: readonly string[], suggestedOnly: boolean): Promise<RemoteSpaceRoom | undefined> {
    const { clock, serverName } = this.#parts;
    const key = `${suggestedOnly} ${roomId}`;
    const known = this.#known.get(key);
    if (known && known.until > clock.monotonic()) return known.room;
    const servers = new Set(
      via.filter((server) => isServerName(server) && server !== serverName).slice(0, mostServers),
    );
    for (const server of servers) {
      const room = await this.#ask(server, roomId, suggestedOnly);
      if (!room) continue;
      this.#known.set(key, { room, until: clock.monotonic() + lifetime });
      return room;
    }
    return undefined;
  }

  async #ask(server: string, roomId: string, suggestedOnly: boolean): Promise<RemoteSpaceRoom | undefined> {
    try {
      const answer = await this.#parts.client.call(
        server,
        federation.getSpaceHierarchy,
        { params: { roomId }, query: { suggested_only: suggestedOnly } },
        { longestMs: patience, maxBytes: largestAnswer, retries: 'none' },
      );
      const facts = factsOf(answer.room as JsonObject);
      if (facts?.room_id !== roomId) return undefined;
      const children = facts.room_type === spaceType ? childrenOf(answer.room['children_state'] as JsonValue) : [];
      const childFacts = new Map<string, RoomFacts>();
      for (const child of (answer.children ?? []).slice(0, mostChildren)) {
        const told = factsOf(child as JsonObject);
        if (told) childFacts.set(told.room_id, told);
      }
      return { facts, children, childFacts, inaccessible: new Set(answer.inaccessible_children) };
    } catch {
      return undefined;
    }
  }
}

/** What is well-formed of what another server tells of a room; undefined without the members that clients rely on. */
function factsOf(told: JsonObject): RoomFacts | undefined {
  const { room_id: roomId, num_joined_members: joined, join_rule: rule, allowed_room_ids: allowed } = told;
  if (typeof roomId !== 'string' || !isRoomId(roomId) || !Number.isSafeInteger(joined) || (joined as number) < 0)
    return undefined;
  const texts: Record<string, string> = {};
  for (const key of ['name', 'topic', 'avatar_url', 'canonical_alias', 'room_type', 'room_version', 'encryption']) {
    const value = shownText(key, told[key]);
    if (typeof value === 'string' && value.length <= longestText) texts[key] = value;
  }
  return {
    room_id: roomId,
    ...texts,
    join_rule: typeof rule === 'string' && rule.length <= longestText ? rule : 'public',
    num_joined_members: joined as number,
    world_readable: told['world_readable'] === true,
    guest_can_join: told['guest_can_join'] === true,
    ...(Array.isArray(allowed)
      ? {
          allowed_room_ids: allowed
            .filter((id): id is string => typeof id === 'string' && isRoomId(id))
            .slice(0, mostChildren),
        }
      : {}),
  };
}

function childrenOf(told: JsonValue | undefined): SpaceChild[] {
  if (!Array.isArray(told)) return [];
  const children: SpaceChild[] = [];
  for (const child of told.slice(0, mostChildren)) {
    if (!isJsonObject(child)) continue;
    const { type, state_key: roomId, content, sender, origin_server_ts: ts } = child;
    if (type !== 'm.space.child' || typeof roomId !== 'string' || !isRoomId(roomId)) continue;
    if (!isJsonObject(content) || !isChild(content) || !Number.isSafeInteger(ts)) continue;
    if (typeof sender !== 'string' || !parseUserId(sender)) continue;
    children.push({ type, state_key: roomId, content, sender, origin_server_ts: ts as number });
  }
  return inOrder(children);
}
