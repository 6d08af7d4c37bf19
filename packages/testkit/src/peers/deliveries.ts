import { authEventIds, prevEventIds } from '@myelin/protocol';
import type { Seeded } from '../fuzz/seeded.ts';
import type { ForkedRoom } from './forked-room.ts';

/**
 * How events come to a server: as they were made; each after those that it follows, but else in any order, and some
 * twice; or in any order at all, some so late that the server has fetched them, or what came of them.
 */
export const ways = ['in order', 'in another order', 'with gaps'] as const;

export type Way = (typeof ways)[number];

export interface Delivery {
  /** Events by id, in the order in which they are pushed. */
  readonly pushed: readonly string[];
  /** Pushed when what follows them is there. */
  readonly late: readonly string[];
  /** The server is started again before these of those that are pushed, by index. */
  readonly restarts: ReadonlySet<number>;
}

export function delivery(way: Way, room: ForkedRoom, random: Seeded, ids: readonly string[]): Delivery {
  if (way === 'in order') return { pushed: ids, late: [], restarts: new Set() };
  const order = way === 'with gaps' ? anyOrder(random, ids) : anotherOrder(room, random, ids);
  // Where most are late, more is missing than servers ask for at once.
  const share = random.pick([0.2, 0.5, 0.95]);
  const late = new Set(way === 'with gaps' ? order.filter(() => random.chance(share)) : []);
  const pushed: string[] = [];
  for (const id of order) {
    if (late.has(id)) continue;
    pushed.push(id);
    if (random.chance(0.1)) pushed.push(random.pick(pushed));
  }
  return { pushed, late: shuffled(random, [...late]), restarts: new Set([random.below(pushed.length + 1)]) };
}

/** Each after those that it rests on. */
function anotherOrder({ events, version }: ForkedRoom, random: Seeded, ids: readonly string[]): string[] {
  const waiting = new Set(ids);
  const order: string[] = [];
  while (waiting.size > 0) {
    const ready = [...waiting].filter((id) => {
      const { pdu } = events.get(id)!;
      return [...prevEventIds(pdu, version), ...authEventIds(pdu, version)].every((other) => !waiting.has(other));
    });
    const next = random.pick(ready);
    waiting.delete(next);
    order.push(next);
  }
  return order;
}

/** Each within some places of its own. */
function anyOrder(random: Seeded, ids: readonly string[]): string[] {
  const reach = random.pick([3, 10, 30]);
  const ranks = new Map(ids.map((id, index) => [id, index + random.fraction() * reach]));
  return [...ids].sort((a, b) => ranks.get(a)! - ranks.get(b)!);
}

function shuffled(random: Seeded, ids: readonly string[]): string[] {
  const ranks = new Map(ids.map((id) => [id, random.fraction()]));
  return [...ids].sort((a, b) => ranks.get(a)! - ranks.get(b)!);
}
