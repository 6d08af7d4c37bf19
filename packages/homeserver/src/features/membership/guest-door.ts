import type { Writer } from '@myelin/database';
import type { Accounts } from '../accounts/index.ts';
import type { Names } from '../names/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { RoomHead, RoomStates, Timeline } from '../timeline/index.ts';

export interface GuestDoorParts {
  readonly names: Names;
  readonly accounts: Accounts;
  readonly members: RoomMembers;
  readonly states: RoomStates;
  readonly timeline: Timeline;
}

/** Guests leave rooms that don't let guests in any more. Client-Server API §"Guest Access", "Server behaviour". */
export class GuestDoor {
  readonly #parts: GuestDoorParts;

  constructor(parts: GuestDoorParts) {
    this.#parts = parts;
  }

  /** After an m.room.guest_access event, in its transaction. */
  async guestAccessChanged(writer: Writer, head: RoomHead): Promise<RoomHead> {
    const { names, accounts, members, states, timeline } = this.#parts;
    const access = await states.get(head.state, 'm.room.guest_access', '', writer);
    if (access?.content['guest_access'] === 'can_join') return head;
    let current = head;
    for (const guest of await accounts.guestsAmong([...(await members.joinedUsers(head.room))])) {
      if ((await states.membership(current.state, guest, writer)) !== 'join') continue;
      const userId = await names.userId(guest, writer);
      const content = { membership: 'leave', kind: 'guest' };
      ({ head: current } = await timeline.appendIn(writer, current, {
        type: 'm.room.member',
        stateKey: userId,
        content,
        sender: userId,
        senderNid: guest,
      }));
    }
    return current;
  }
}
