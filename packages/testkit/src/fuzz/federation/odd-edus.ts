import type { JsonObject, JsonValue } from '@myelin/protocol';
import { crossSigningKeysOf, deviceKeysOf } from '../../builders/device-keys.ts';
import { mutate, someChanges } from '../mutate.ts';
import type { Situation } from './foreign-world.ts';
import { foreignDevice } from './peer-answers.ts';

type Maker = (there: Situation, serial: number) => JsonObject;

/** EDUs as they should be. Server-Server API §"EDUs". */
const makers: Readonly<Record<string, Maker>> = {
  'm.typing': ({ roomId, bob, random }) => ({ room_id: roomId, user_id: bob, typing: random.chance(0.5) }),
  'm.receipt': ({ roomId, bob, eventIds, random }) => {
    const data = {
      ts: Date.now(),
      ...(random.chance(0.5) ? { thread_id: random.pick(['main', eventIds[0] as string]) } : {}),
    };
    return { [roomId]: { 'm.read': { [bob]: { event_ids: [random.pick(eventIds)], data } } } };
  },
  'm.presence': ({ bob, random }) => ({
    push: [
      {
        user_id: bob,
        presence: random.pick(['online', 'unavailable', 'offline']),
        status_msg: 'there',
        last_active_ago: 5_000,
        currently_active: true,
      },
    ],
  }),
  'm.device_list_update': ({ bob, random }, serial) => ({
    user_id: bob,
    device_id: foreignDevice,
    device_display_name: 'Theirs',
    stream_id: serial,
    prev_id: serial > 1 ? [serial - 1] : [],
    deleted: random.chance(0.1),
    keys: deviceKeysOf({ userId: bob, deviceId: foreignDevice }),
  }),
  'm.signing_key_update': ({ bob }) => {
    const { master_key: master, self_signing_key: selfSigning } = crossSigningKeysOf({
      userId: bob,
      deviceId: foreignDevice,
    }).body;
    return { user_id: bob, master_key: master, self_signing_key: selfSigning };
  },
  'm.direct_to_device': ({ bob, alice, carol, random }, serial) => ({
    sender: bob,
    type: random.pick(['m.room_key_request', 'm.room_key', 'm.dummy', 'org.example']),
    message_id: `message${serial}`,
    messages: {
      [alice.userId as string]: {
        [alice.deviceId as string]: { action: 'request', requesting_device_id: 'NEW', request_id: '1' },
      },
      [carol.userId as string]: { '*': { body: 'to all' } },
    },
  }),
  'org.example.edu': ({ bob }) => ({ user_id: bob }),
};

/** An EDU of the other server, nearly as it should be. */
export function oddEdu(there: Situation, serial: number): JsonValue {
  const { random, known } = there;
  const type = random.pick(Object.keys(makers));
  const content = (makers[type] as Maker)(there, serial);
  const spoilt = random.chance(0.8) ? mutate(content, someChanges(random), { random, known }) : content;
  const edu = {
    edu_type: type === 'm.signing_key_update' && random.chance(0.3) ? 'org.matrix.signing_key_update' : type,
    content: spoilt,
  };
  return random.chance(0.1) ? mutate(edu, 1, { random, known }) : edu;
}
