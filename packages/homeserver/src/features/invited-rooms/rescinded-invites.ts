import { authEventIds, type Pdu } from '@myelin/protocol';
import type { Events } from '../events/index.ts';
import type { CheckedPdu, IncomingEvents } from '../incoming-events/index.ts';
import type { Names } from '../names/index.ts';
import type { RoomServers } from '../room-servers/index.ts';
import type { InvitedRoom, InvitedRooms } from './invited-rooms.ts';

export interface RescindedInvitesParts {
  readonly serverName: string;
  readonly servers: RoomServers;
  readonly names: Names;
  readonly events: Events;
  readonly incoming: IncomingEvents;
  readonly invitedRooms: InvitedRooms;
}

/** Events of rooms that this server isn't in: one of them may take back an invite. */
export class RescindedInvites {
  readonly #parts: RescindedInvitesParts;

  constructor(parts: RescindedInvitesParts) {
    this.#parts = parts;
  }

  /**
   * Takes an event that came in a transaction if it ends the invite of a local user. The room's state isn't known, so only
   * who sent an invite can take it back: whether anybody else may, can't be told from here. Resolves to its id
   * then, else to undefined.
   */
  async take(roomId: string, pdu: unknown): Promise<string | undefined> {
    const invited = await this.#invited(roomId, pdu);
    if (!invited) return undefined;
    const { incoming, invitedRooms, events } = this.#parts;
    const [checked] = await incoming.check(invited.version, roomId, [pdu]);
    if (!checked) return undefined;
    const invite = await events.get(invited.event);
    if (checked.pdu.sender !== invite.sender || !namesInvite(checked, invited, invite.eventId)) return undefined;
    const event = await incoming.storeOutOfBand(invited.version, roomId, checked);
    await invitedRooms.record(event, invited.version);
    return checked.eventId;
  }

  /** Looks at what the event says of itself before anything is checked that costs more. */
  async #invited(roomId: string, pdu: unknown): Promise<InvitedRoom | undefined> {
    const { names, invitedRooms, servers, serverName } = this.#parts;
    const { type, state_key: target, sender, content } = (pdu ?? {}) as Partial<Pdu>;
    if (type !== 'm.room.member' || typeof target !== 'string' || target === sender) return undefined;
    const membership = (content as Pdu['content'] | null | undefined)?.['membership'];
    if (membership !== 'leave' && membership !== 'ban') return undefined;
    const room = await names.findRoom(roomId);
    const user = await names.findUser(target);
    if (room === undefined || user === undefined || (await servers.isInRoom(room, serverName))) return undefined;
    const invited = await invitedRooms.find(room, user);
    return invited && (await this.#isInvite(invited)) ? invited : undefined;
  }

  async #isInvite({ event }: InvitedRoom): Promise<boolean> {
    return (await this.#parts.events.get(event)).content['membership'] === 'invite';
  }
}

/** An older event of the same sender doesn't take back a newer invite. */
function namesInvite({ pdu }: CheckedPdu, { version }: InvitedRoom, inviteId: string): boolean {
  return authEventIds(pdu, version).includes(inviteId);
}
