import { StoredEvent } from '../events/index.ts';
import { memberKey, type RoomNid, type UserNid } from '../names/index.ts';
import type { EventContext } from '../timeline/index.ts';

/** A membership event as far as projections look at it. */
export function memberEvent(room: number, userId: string, membership: string, position: number): StoredEvent {
  const content = JSON.stringify({ membership });
  return new StoredEvent({
    nid: position as never,
    eventId: `$${position}`,
    room: room as RoomNid,
    roomId: `!${room}:here.test`,
    type: 'm.room.member',
    senderNid: 1 as UserNid,
    sender: userId,
    stateKeyNid: memberKey(1 as UserNid),
    stateKey: userId,
    depth: 1,
    originServerTs: 1,
    position,
    stateBefore: 0 as never,
    stateAfter: 0 as never,
    status: 0,
    redactedBy: undefined,
    json: content,
    unredactedJson: undefined,
    contentStart: 0,
    contentEnd: content.length,
  });
}

/** What a projection is told when a membership takes the place of another. */
export function memberContext(after: StoredEvent, before?: StoredEvent): EventContext {
  return {
    way: 'sent',
    head: undefined as never,
    replaced: before,
    changes: [{ key: memberKey(1 as UserNid), before, after }],
  };
}
