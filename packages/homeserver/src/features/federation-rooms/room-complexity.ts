import { MatrixError } from '@myelin/api';
import type { Names } from '../names/index.ts';
import type { StateMaps } from '../state-map/index.ts';
import type { RoomHeads, RoomStates } from '../timeline/index.ts';

export interface RoomComplexityParts {
  readonly names: Names;
  readonly heads: RoomHeads;
  readonly states: RoomStates;
  readonly maps: StateMaps;
}

/** So many entries of the state make a complexity of 1, as Synapse counts them. */
const entriesOfOne = 500;

/** How large rooms are that anybody may come into or read: for servers that don't take in every room. */
export class RoomComplexity {
  readonly #parts: RoomComplexityParts;

  constructor(parts: RoomComplexityParts) {
    this.#parts = parts;
  }

  /** Throws M_NOT_FOUND for rooms that aren't known or aren't for everybody. */
  async of(roomId: string): Promise<number> {
    const { names, heads, states, maps } = this.#parts;
    const room = await names.findRoom(roomId);
    const head = room === undefined ? undefined : await heads.find(room);
    if (!head) throw notFound();
    const rule = (await states.get(head.state, 'm.room.join_rules', ''))?.content['join_rule'];
    const visibility = (await states.get(head.state, 'm.room.history_visibility', ''))?.content['history_visibility'];
    if (rule !== 'public' && visibility !== 'world_readable') throw notFound();
    return Math.round(((await maps.size(head.state)) / entriesOfOne) * 100) / 100;
  }
}

function notFound(): MatrixError {
  return new MatrixError('M_NOT_FOUND', 'Room not found');
}
