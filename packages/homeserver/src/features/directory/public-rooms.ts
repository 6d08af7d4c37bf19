import { MatrixError } from '@myelin/api';
import { isServerName } from '@myelin/protocol';
import type { PublishedRooms } from './published-rooms.ts';
import type { RoomCard, RoomCards } from './room-cards.ts';

export interface PublicRoomsQuery {
  readonly limit: number | undefined;
  readonly since: string | undefined;
  readonly searchTerm: string | undefined;
  /** `null` among them: rooms without a type. */
  readonly roomTypes: readonly (string | null)[] | undefined;
  /** Of a bridge: there are none yet, so their lists are empty. */
  readonly network: string | undefined;
}

export interface PublicRoomsPage {
  readonly chunk: RoomCard[];
  readonly total_room_count_estimate?: number;
  readonly next_batch?: string;
  readonly prev_batch?: string;
}

/** The directories of other servers. Implemented by `features/federation-people`. */
export interface RemoteDirectories {
  /** Throws M_FORBIDDEN if the other server shows nobody its list, or a 502. */
  page(server: string, query: PublicRoomsQuery): Promise<PublicRoomsPage>;
}

const largestPage = 500;
const defaultPage = 100;

/** The directory of public rooms, largest first. Client-Server API §"Published room directory". */
export class PublicRooms {
  readonly #published: PublishedRooms;
  readonly #cards: RoomCards;
  readonly #isEnabled: boolean;
  #remote: RemoteDirectories | undefined;

  /** `isEnabled`: `enable_room_list_search`. */
  constructor(published: PublishedRooms, cards: RoomCards, isEnabled: boolean) {
    this.#published = published;
    this.#cards = cards;
    this.#isEnabled = isEnabled;
  }

  /** Lets the lists of other servers be asked for. */
  useRemote(remote: RemoteDirectories): void {
    this.#remote = remote;
  }

  /** The list of another server. */
  async pageOf(server: string, query: PublicRoomsQuery): Promise<PublicRoomsPage> {
    if (!isServerName(server)) throw new MatrixError('M_INVALID_PARAM', 'That is not the name of a server');
    if (!this.#isEnabled) return { chunk: [], total_room_count_estimate: 0 };
    if (!this.#remote) throw new MatrixError('M_UNKNOWN', 'Failed to fetch room list', { status: 502 });
    return this.#remote.page(server, query);
  }

  /** `forServers`: only rooms that other servers may be in. */
  async page(query: PublicRoomsQuery, forServers = false): Promise<PublicRoomsPage> {
    const start = parseOffset(query.since);
    if (!this.#isEnabled || query.network) return { chunk: [], total_room_count_estimate: 0 };
    // As with Synapse, 0 means no limit but ours.
    const limit = Math.min(query.limit === 0 ? largestPage : (query.limit ?? defaultPage), largestPage);
    const all: RoomCard[] = [];
    let total = 0;
    for (const room of await this.#published.all()) {
      const card = await this.#cards.card(room);
      // Rooms without members, or that nobody can enter, are no use to anybody.
      if (!card || card.num_joined_members === 0 || !isOpen(card)) continue;
      if (forServers && !(await this.#cards.isFederated(room))) continue;
      total++;
      if (matchesQuery(card, query)) all.push(card);
    }
    all.sort((a, b) => b.num_joined_members - a.num_joined_members || (a.room_id < b.room_id ? -1 : 1));
    const end = start + limit;
    return {
      chunk: all.slice(start, end),
      total_room_count_estimate: total,
      ...(end < all.length ? { next_batch: `p${end}` } : {}),
      ...(start > 0 ? { prev_batch: `p${Math.max(0, start - limit)}` } : {}),
    };
  }
}

const joinable = new Set(['public', 'knock', 'restricted', 'knock_restricted']);

function isOpen(card: RoomCard): boolean {
  return card.world_readable || joinable.has(card.join_rule);
}

function parseOffset(token: string | undefined): number {
  if (token === undefined || token === '') return 0;
  const match = /^p(\d{1,9})$/.exec(token);
  if (!match) throw new MatrixError('M_INVALID_PARAM', 'That is not a token of this server');
  return Number(match[1]);
}

/** Whether a room is one of those that a query is for. */
export function matchesQuery(
  card: RoomCard,
  { searchTerm, roomTypes }: Pick<PublicRoomsQuery, 'searchTerm' | 'roomTypes'>,
): boolean {
  if (roomTypes && !roomTypes.includes(card.room_type ?? null)) return false;
  if (searchTerm === undefined || searchTerm === '') return true;
  const term = searchTerm.toLowerCase();
  return [card.name, card.topic, card.canonical_alias].some((field) => field?.toLowerCase().includes(term));
}
