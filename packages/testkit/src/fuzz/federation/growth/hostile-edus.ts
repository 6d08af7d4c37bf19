import { randomUUID } from 'node:crypto';
import type { JsonObject, JsonValue } from '@myelin/protocol';
import { deviceKeysOf } from '../../../builders/device-keys.ts';
import { edus, nobody, noRoom, stranger, type HostileKind } from './hostile-kind.ts';
import { noEvent } from './told-events.ts';

const edu = (edu_type: string, content: JsonObject): JsonObject => ({ edu_type, content });

const receipt = (roomId: string, user: string, eventId: string, data: JsonObject = {}): JsonObject =>
  edu('m.receipt', { [roomId]: { 'm.read': { [user]: { event_ids: [eventId], data: { ts: 1, ...data } } } } });

const typing = (room_id: string, user_id: string): JsonObject => edu('m.typing', { room_id, user_id, typing: true });

const device = (userId: string, serial: number): JsonObject =>
  edu('m.device_list_update', {
    user_id: userId,
    device_id: `D${serial}`,
    stream_id: serial,
    prev_id: [],
    keys: deviceKeysOf({ userId, deviceId: `D${serial}` }) as unknown as JsonValue,
  });

const message = (sender: string, to: string, deviceId: string): JsonObject =>
  edu('m.direct_to_device', {
    sender,
    type: 'm.dummy',
    message_id: randomUUID(),
    messages: { [to]: { [deviceId]: {} } },
  });

/** EDUs about what there isn't, or what nobody here has to do with. */
export const hostileEdus: Readonly<Record<string, HostileKind>> = {
  'receipts of rooms that there are not': edus(({ situation }) => receipt(noRoom(), situation.bob, noEvent())),
  'receipts for events that there are not': edus(({ situation }) =>
    receipt(situation.roomId, situation.bob, noEvent()),
  ),
  'receipts in threads that there are not': edus(({ situation: { roomId, bob, eventIds } }) =>
    receipt(roomId, bob, eventIds[0] as string, { thread_id: noEvent() }),
  ),
  'receipts of users who are elsewhere': edus((stage, serial) =>
    receipt(stage.situation.roomId, stranger(stage, serial), stage.situation.eventIds[0] as string),
  ),
  'words that users who are elsewhere type': edus((stage, serial) =>
    typing(stage.situation.roomId, stranger(stage, serial)),
  ),
  'words typed in rooms that there are not': edus(({ situation }) => typing(noRoom(), situation.bob)),
  'presences of users who are elsewhere': edus((stage, serial) =>
    edu('m.presence', { push: [{ user_id: stranger(stage, serial), presence: 'online' }] }),
  ),
  'devices of users who share no room': edus((stage, serial) => device(stranger(stage, serial), serial)),
  'devices of a user who shares a room': edus(({ situation }, serial) => device(situation.bob, serial)),
  'signing keys of users who share no room': edus((stage, serial) =>
    edu('m.signing_key_update', { user_id: stranger(stage, serial), master_key: {} }),
  ),
  'messages to users that there are not': edus((stage, serial) =>
    message(stage.situation.bob, nobody(stage, serial), '*'),
  ),
  'messages to devices that there are not': edus((stage, serial) =>
    message(stranger(stage, serial), stage.situation.alice.userId as string, `N${serial}`),
  ),
  'EDUs of kinds that nobody knows': edus(({ situation }, serial) =>
    edu(`org.example.${serial}`, { user_id: situation.bob }),
  ),
};
