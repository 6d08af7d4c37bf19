import { isRoomId } from '@myelin/protocol';
import type { RoomCards } from '../directory/index.ts';
import type { RestrictedJoins } from '../membership/index.ts';
import type { RoomHead, RoomStates } from '../timeline/index.ts';
import { inOrder, isChild, isSuggested } from './child-order.ts';
import { spaceType, type RoomFacts, type SpaceChild, type SpaceRoom } from './room-facts.ts';

export interface LocalRoomsParts {
  readonly states: RoomStates;
  readonly cards: RoomCards;
  readonly restrictedJoins: RestrictedJoins;
}

/** What this server tells of the rooms that it is in. */
export class LocalRooms {
  readonly #parts: LocalRoomsParts;

  constructor(parts: LocalRoomsParts) {
    this.#parts = parts;
  }

  async facts(head: RoomHead): Promise<RoomFacts> {
    const { states, cards, restrictedJoins } = this.#parts;
    const card = await cards.card(head.room);
    if (!card) throw new Error(`Room ${head.room} has no card`);
    const algorithm = (await states.get(head.state, 'm.room.encryption', ''))?.content['algorithm'];
    const allowed = await restrictedJoins.allowedRooms(head);
    return {
      ...card,
      room_version: head.version.id,
      ...(typeof algorithm === 'string' ? { encryption: algorithm } : {}),
      ...(allowed ? { allowed_room_ids: allowed.filter(isRoomId) } : {}),
    };
  }

  /** With the rooms in it, in order, if it is a space. */
  async withChildren(head: RoomHead, suggestedOnly: boolean): Promise<SpaceRoom> {
    const facts = await this.facts(head);
    if (facts.room_type !== spaceType) return { facts, children: [] };
    const children = inOrder(await this.#children(head));
    return { facts, children: suggestedOnly ? children.filter(isSuggested) : children };
  }

  async #children(head: RoomHead): Promise<SpaceChild[]> {
    const children: SpaceChild[] = [];
    for (const event of await this.#parts.states.allButMembers(head.state)) {
      if (event.type !== 'm.space.child' || !isRoomId(event.stateKey ?? '') || !isChild(event.content)) continue;
      children.push({
        type: event.type,
        state_key: event.stateKey as string,
        content: event.content,
        sender: event.sender,
        origin_server_ts: event.fields.originServerTs,
      });
    }
    return children;
  }
}
