import { federation, MatrixError, type ResponseOf } from '@myelin/api';
import { isJsonObject, isRoomId, type JsonObject } from '@myelin/protocol';
import type { Clock } from '@myelin/runtime';
import { boundedCache } from '../../caches/index.ts';
import {
  matchesQuery,
  shownText,
  type PublicRoomsPage,
  type PublicRoomsQuery,
  type RemoteDirectories,
  type RoomCard,
} from '../directory/index.ts';
import { FederationError, type FederationClient } from '../federation-client/index.ts';

/** Rooms of a page, and what one of their texts may have in UTF-16 units. */
const mostRooms = 500;
const longestText = 4_096;
const longestToken = 4_096;
const largestAnswer = 8 * 1024 * 1024;
/** For all of an answer, in milliseconds. */
const patience = 20_000;
/** The same question isn't asked again so soon, in milliseconds; answers that are remembered for it. */
const rememberedMs = 30_000;
const mostRemembered = 30;

type RemotePage = ResponseOf<typeof federation.getPublicRooms>;

/** Asks other servers for their lists of public rooms. Server-Server API §"Published Room Directory". */
export class FederatedDirectories implements RemoteDirectories {
  readonly #client: FederationClient;
  readonly #clock: Clock;
  readonly #answers = boundedCache<string, { at: number; page: Promise<PublicRoomsPage> }>(mostRemembered);

  constructor(client: FederationClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  async page(server: string, query: PublicRoomsQuery): Promise<PublicRoomsPage> {
    const { limit, since, searchTerm, roomTypes, network } = query;
    const key = JSON.stringify([server, limit, since, searchTerm, roomTypes, network]);
    const now = this.#clock.monotonic();
    const known = this.#answers.get(key);
    if (known && now - known.at < rememberedMs) return known.page;
    const page = this.#ask(server, query).catch((error: unknown) => {
      this.#answers.delete(key);
      throw refusal(error, server);
    });
    this.#answers.set(key, { at: now, page });
    return page;
  }

  async #ask(server: string, query: PublicRoomsQuery): Promise<PublicRoomsPage> {
    const { searchTerm, roomTypes } = query;
    if (!searchTerm && !roomTypes) return checked(await this.#list(server, query));
    try {
      return checked(await this.#search(server, query));
    } catch (error) {
      if (!isUnrecognized(error)) throw error;
    }
    // An old server: the search is done here, on what it lists first.
    const { chunk } = checked(await this.#list(server, { ...query, limit: undefined, since: undefined }));
    return { chunk: chunk.filter((card) => matchesQuery(card, query)) };
  }

  #list(server: string, { limit, since, network }: PublicRoomsQuery): Promise<RemotePage> {
    const query = {
      ...(limit === undefined ? {} : { limit }),
      ...(since === undefined ? {} : { since }),
      ...(network === undefined ? {} : { third_party_instance_id: network }),
    };
    return this.#client.call(server, federation.getPublicRooms, { query }, callOptions);
  }

  #search(server: string, { limit, since, searchTerm, roomTypes, network }: PublicRoomsQuery): Promise<RemotePage> {
    const body = {
      ...(limit === undefined ? {} : { limit }),
      ...(since === undefined ? {} : { since }),
      ...(network === undefined ? {} : { third_party_instance_id: network }),
      filter: {
        ...(searchTerm === undefined ? {} : { generic_search_term: searchTerm }),
        ...(roomTypes === undefined ? {} : { room_types: [...roomTypes] }),
      },
    };
    return this.#client.call(server, federation.queryPublicRooms, { body }, callOptions);
  }
}

const callOptions = { longestMs: patience, maxBytes: largestAnswer, retries: 'none' } as const;

function checked({
  chunk,
  next_batch: next,
  prev_batch: prev,
  total_room_count_estimate: total,
}: RemotePage): PublicRoomsPage {
  const cards: RoomCard[] = [];
  for (const room of chunk.slice(0, mostRooms)) {
    const card = isJsonObject(room) ? roomCard(room) : undefined;
    if (card) cards.push(card);
  }
  return {
    chunk: cards,
    ...(next !== undefined && next.length <= longestToken ? { next_batch: next } : {}),
    ...(prev !== undefined && prev.length <= longestToken ? { prev_batch: prev } : {}),
    ...(total === undefined ? {} : { total_room_count_estimate: total }),
  };
}

const texts = ['name', 'topic', 'avatar_url', 'canonical_alias', 'room_type'] as const;

/** What clients may be shown of a room of another server's list; undefined for what isn't one. */
function roomCard(room: JsonObject): RoomCard | undefined {
  const { room_id: roomId, num_joined_members: joined, join_rule: joinRule } = room;
  if (typeof roomId !== 'string' || !isRoomId(roomId)) return undefined;
  if (typeof joined !== 'number' || !Number.isSafeInteger(joined) || joined < 0) return undefined;
  const card: Record<string, string> = {};
  for (const name of texts) {
    const value = shownText(name, room[name]);
    if (typeof value === 'string' && value !== '') card[name] = value.slice(0, longestText).toWellFormed();
  }
  return {
    room_id: roomId,
    ...card,
    join_rule: typeof joinRule === 'string' && joinRule.length <= 255 ? joinRule : 'public',
    num_joined_members: joined,
    world_readable: room['world_readable'] === true,
    guest_can_join: room['guest_can_join'] === true,
  };
}

function isUnrecognized(error: unknown): boolean {
  if (!(error instanceof FederationError) || error.kind !== 'refused') return false;
  return (
    error.status === 404 || error.status === 405 || error.code === 'M_UNRECOGNIZED' || error.code === 'M_NOT_FOUND'
  );
}

function refusal(error: unknown, server: string): unknown {
  if (!(error instanceof FederationError)) return error;
  if (error.kind === 'refused' && error.status === 403)
    return new MatrixError('M_FORBIDDEN', `You are not allowed to view the public rooms list of ${server}`);
  if (error.kind === 'not-allowed') return new MatrixError('M_FORBIDDEN', `Federation denied with ${server}`);
  return new MatrixError('M_UNKNOWN', 'Failed to fetch room list', { status: 502 });
}
