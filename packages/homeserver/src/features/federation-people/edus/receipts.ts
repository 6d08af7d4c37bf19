import { isJsonObject, type JsonObject, type JsonValue } from '@myelin/protocol';
import type { EduHandler } from '../../federation-inbound/index.ts';
import type { RoomNid } from '../../names/index.ts';
import type { Receipts, RemoteReceipt } from '../../receipts/index.ts';
import { isUserOf } from '../../remote-devices/index.ts';
import type { ServerAcls } from '../../server-acls/index.ts';
import { userInRoom, type UserInRoomParts } from './user-in-room.ts';

export interface ReceiptEdusParts extends UserInRoomParts {
  readonly acls: ServerAcls;
  readonly receipts: Receipts;
}

/** Receipts and rooms of one EDU that are taken notice of. */
const mostReceipts = 1_000;
const mostRooms = 200;
const longestEventId = 255;

/** m.receipt. Server-Server API §"Receipts". Private receipts don't leave their server, so they are not among these. */
export function receiptHandler(parts: ReceiptEdusParts): EduHandler {
  const { names, acls, receipts } = parts;
  return async (origin, content) => {
    const found: RemoteReceipt[] = [];
    for (const [roomId, ofRoom] of Object.entries(content).slice(0, mostRooms)) {
      const read = isJsonObject(ofRoom) ? ofRoom['m.read'] : undefined;
      const room = isJsonObject(read) ? await names.findRoom(roomId) : undefined;
      if (room === undefined || !(await acls.isAllowed(room, origin))) continue;
      for (const [userId, receipt] of Object.entries(read as JsonObject)) {
        if (found.length >= mostReceipts) break;
        const parsed = isUserOf(userId, origin) ? parseReceipt(receipt) : undefined;
        if (!parsed) continue;
        const user = await userInRoom(parts, room, origin, userId);
        if (user === undefined) continue;
        found.push({ room: room as RoomNid, user, ...parsed });
      }
    }
    await receipts.receive(found);
  };
}

function parseReceipt(receipt: JsonValue): Pick<RemoteReceipt, 'eventId' | 'thread' | 'ts'> | undefined {
  if (!isJsonObject(receipt)) return undefined;
  const { event_ids: eventIds, data } = receipt;
  const eventId = Array.isArray(eventIds) ? eventIds[0] : undefined;
  const { ts, thread_id: thread } = isJsonObject(data) ? data : ({} as JsonObject);
  if (typeof eventId !== 'string' || eventId === '' || eventId.length > longestEventId) return undefined;
  if (thread !== undefined && typeof thread !== 'string') return undefined;
  const isTime = typeof ts === 'number' && Number.isSafeInteger(ts) && ts >= 0;
  return { eventId, thread, ts: isTime ? ts : 0 };
}
