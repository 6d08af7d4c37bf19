import type { Pdu } from '../events/event.ts';
import type { RoomVersion } from '../room-versions.ts';

/** Who made a room, and what it is worth to them. */
export interface RoomCreators {
  /** Empty if the create event fails to say. The first is the one who may join without an invite. */
  readonly userIds: readonly string[];
  /** Room version 12 and up: creators stand above all power levels. Before: 100 while there is no m.room.power_levels. */
  readonly privileged: boolean;
}

/** The creators that a room's m.room.create event names (Room Version 12, "room creators"; before: the one creator). */
export function roomCreators(create: Pick<Pdu, 'sender' | 'content'>, version: RoomVersion): RoomCreators {
  if (version.creatorInContent) {
    const creator = create.content['creator'];
    return { userIds: typeof creator === 'string' ? [creator] : [], privileged: false };
  }
  if (!version.privilegedCreators) return { userIds: [create.sender], privileged: false };
  const additional = create.content['additional_creators'];
  if (!Array.isArray(additional)) return { userIds: [create.sender], privileged: true };
  const userIds = [create.sender, ...additional.filter((userId) => typeof userId === 'string')];
  return { userIds, privileged: true };
}
