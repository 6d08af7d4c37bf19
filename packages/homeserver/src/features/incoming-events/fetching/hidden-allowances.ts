import { MatrixError } from '@myelin/api';
import type { Clock } from '@myelin/runtime';
import { boundedCache } from '../../../caches/index.ts';
import type { RoomNid } from '../../names/index.ts';
import type { JoinedServers } from '../../room-servers/index.ts';

export interface HiddenAllowancesParts {
  readonly clock: Clock;
  readonly roomServers: Pick<JoinedServers, 'isInRoom'>;
  readonly serverName: string;
}

const megabyte = 1024 * 1024;
const dayMs = 24 * 3_600_000;
/** What an event takes beside its text, in bytes. */
const besideText = 1_024;
/** In bytes a day. Of servers that aren't in a room there are as many as somebody has names for. */
const most = { ofMember: 256 * megabyte, ofOutsider: 2 * megabyte, ofOutsiders: 32 * megabyte, inAll: 256 * megabyte };

/**
 * How much other servers make this one keep of a room that nobody is shown: refused and soft-failed events, and those that are only
 * there to judge others. Beyond that such events are refused and forgotten, and nothing is fetched. Counted in memory.
 */
export class HiddenAllowances {
  readonly #parts: HiddenAllowancesParts;
  readonly #members: Allowance;
  readonly #outsiders: Allowance;
  readonly #rooms: Allowance;
  readonly #all: Allowance;

  constructor(parts: HiddenAllowancesParts) {
    this.#parts = parts;
    this.#members = new Allowance(parts.clock, most.ofMember);
    this.#outsiders = new Allowance(parts.clock, most.ofOutsider);
    this.#rooms = new Allowance(parts.clock, most.ofOutsiders);
    this.#all = new Allowance(parts.clock, most.inAll);
  }

  /** Whether anything more may be kept that a server sends or tells of a room. */
  async hasLeft(server: string, room: RoomNid): Promise<boolean> {
    return (await this.#of(server, room)).every(([allowance, key]) => allowance.hasLeft(key));
  }

  /** Throws M_FORBIDDEN for a server that isn't in a room and has had what it may have: even of what would be soft-failed names are kept. */
  async refuseSpent(server: string, room: RoomNid): Promise<void> {
    const counts = await this.#of(server, room);
    if (counts.length > 1 && !counts.every(([allowance, key]) => allowance.hasLeft(key)))
      throw new MatrixError('M_FORBIDDEN', 'The server is not in the room, and has sent too much to it');
  }

  /** Counts events that are kept. */
  async charge(server: string, room: RoomNid, events: readonly { readonly json: string }[]): Promise<void> {
    const cost = events.reduce((sum, { json }) => sum + json.length + besideText, 0);
    if (cost === 0) return;
    for (const [allowance, key] of await this.#of(server, room)) allowance.charge(key, cost);
  }

  /** Counts an event that is to be kept aside. Throws M_FORBIDDEN with the reason why nobody is shown it if that is too much. */
  async take(server: string, room: RoomNid, event: { readonly json: string }, reason: string): Promise<void> {
    if (!(await this.hasLeft(server, room))) throw new MatrixError('M_FORBIDDEN', reason);
    await this.charge(server, room, [event]);
  }

  /** By what a server is counted in a room. */
  async #of(server: string, room: RoomNid): Promise<readonly (readonly [Allowance, string])[]> {
    const { roomServers, serverName } = this.#parts;
    if (server === serverName) return [];
    const key = `${room} ${server}`;
    if (await roomServers.isInRoom(room, server)) return [[this.#members, key]];
    return [
      [this.#outsiders, key],
      [this.#rooms, `${room}`],
      [this.#all, ''],
    ];
  }
}

/** So much a day by key, all of it at once if need be. What was used beyond it lacks later. */
class Allowance {
  readonly #clock: Clock;
  readonly #perDay: number;
  readonly #used = boundedCache<string, { readonly amount: number; readonly at: number }>(20_000);

  constructor(clock: Clock, perDay: number) {
    this.#clock = clock;
    this.#perDay = perDay;
  }

  hasLeft(key: string): boolean {
    return this.#now(key) < this.#perDay;
  }

  charge(key: string, cost: number): void {
    this.#used.set(key, { amount: this.#now(key) + cost, at: this.#clock.monotonic() });
  }

  #now(key: string): number {
    const used = this.#used.get(key);
    if (!used) return 0;
    return Math.max(0, used.amount - ((this.#clock.monotonic() - used.at) / dayMs) * this.#perDay);
  }
}
