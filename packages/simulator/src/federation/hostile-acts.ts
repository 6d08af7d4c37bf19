import { referencedId, type EventWithId, type JsonObject } from '@myelin/protocol';
import { doorActs } from './door-acts.ts';
import { authFor, message, tell, type Act, type Scene } from './hostile-scene.ts';
import type { EventToMake, HostileServer } from './hostile-server.ts';

/** In texts that nobody who checks senders may ever be shown. */
export const forged = 'forged';

/** What servers do that want to harm. Each is told to all, to some, or to one. */
const acts: Readonly<Record<string, Act>> = {
  async behave(scene) {
    await tell(scene, [keep(scene, message('nothing to see'))]);
  },

  /** Power that it lacks, and then what stands on it. */
  async claimPower(scene) {
    const { hostile } = scene;
    const claim = hostile.make(powerLevels(hostile));
    const basis = [
      ...claim.pdu.auth_events.map(referencedId).filter((id) => !isPowerLevels(hostile, id)),
      claim.eventId,
    ];
    const ban = hostile.make({ ...banOf(scene.victim), prevEvents: [claim.eventId], authEvents: basis });
    await tell(scene, [claim, ban]);
  },

  /** The same from a place where it may have had power, after it was taken away, or before it was let in. */
  async actFromThePast(scene) {
    const { hostile, random } = scene;
    const past = [...(hostile.room?.events ?? [])];
    const levels = past.filter(([, { type }]) => type === 'm.room.power_levels');
    const [eventId] = random.pick(random.chance(60) && levels.length > 0 ? levels : past);
    const auth = authFor(hostile, eventId);
    const act = random.chance(50) ? powerLevels(hostile) : banOf(scene.victim);
    const made = hostile.make({ ...act, prevEvents: [eventId], authEvents: auth });
    await tell(scene, [made, hostile.make({ ...message('from the past'), prevEvents: [made.eventId] })]);
  },

  async forgeSender(scene) {
    const { hostile, victim } = scene;
    const [, server = ''] = victim.split(/:(.*)/s);
    const made = hostile.make({ ...message(forged), sender: victim });
    const own = Object.values(made.pdu.signatures)[0] as JsonObject;
    await tell(scene, [made.pdu, hostile.spoil(made, { signatures: { [server]: own } })]);
  },

  async changeAfterSigning(scene) {
    const { hostile } = scene;
    const made = hostile.make(message('what was signed'));
    await tell(scene, [hostile.spoil(made, { content: { msgtype: 'm.text', body: forged } })]);
  },

  async nameWhatIsNowhere(scene) {
    const { hostile, random } = scene;
    const nowhere = `$${Buffer.from(random.bytes(32)).toString('base64url')}`;
    const isAuth = random.chance(30);
    await tell(scene, [
      hostile.make({
        ...message('who was before?'),
        ...(isAuth ? { authEvents: [nowhere] } : { prevEvents: [nowhere] }),
      }),
    ]);
  },

  async nameTooMany(scene) {
    const { hostile } = scene;
    const ids = [...(hostile.room?.events.keys() ?? [])];
    const many = Array.from({ length: 21 + scene.random.below(200) }, (_, i) => ids[i % ids.length] as string);
    await tell(scene, [
      hostile.make({ ...message('after all of these'), prevEvents: many }),
      hostile.make({ ...message('by all of these'), authEvents: many }),
    ]);
  },

  /** Two events at one place, each to half of the servers. */
  async equivocate(scene) {
    const { hostile, servers } = scene;
    const place = { prevEvents: [[...(hostile.room?.events.keys() ?? [])].at(-1) as string] };
    const isMember = scene.random.chance(30);
    const member = (name: string): EventToMake => ({
      type: 'm.room.member',
      stateKey: hostile.userId,
      content: { membership: 'join', displayname: name },
    });
    const [one, other] = ['one thing', 'another thing'].map((text) =>
      hostile.make({ ...(isMember ? member(text) : message(text)), ...place }),
    ) as [EventWithId, EventWithId];
    for (const each of [one, other]) hostile.learn(each.pdu, true);
    await Promise.all(servers.map((server, i) => hostile.send(server, [i % 2 === 0 ? one.pdu : other.pdu])));
  },

  /** A row of events of which some servers get the last alone. */
  async withhold(scene) {
    const first = keep(scene, message('kept back'));
    await tell(scene, [keep(scene, { ...message('told'), prevEvents: [first.eventId] })]);
  },

  async soDeep(scene) {
    await tell(scene, [
      keep(scene, { ...message('deep down'), depth: Number.MAX_SAFE_INTEGER - scene.random.below(2) }),
    ]);
  },

  async malform(scene) {
    const { hostile } = scene;
    const odd = scene.random.pick<JsonObject>([
      { type: 7 },
      { depth: -1 },
      { origin_server_ts: 'now' },
      { prev_events: 'none' },
      { auth_events: [[]] },
      { content: 'none' },
      { state_key: 1 },
      { room_id: '!other:room.test' },
      { hashes: {} },
      { signatures: {} },
      { content: { body: 'x'.repeat(70_000) } },
      { content: { deep: deep(150) } },
    ]);
    const made = hostile.make(message('odd'));
    await tell(scene, [hostile.spoil(made, odd), { nothing: 'at all' }]);
  },

  async redactOthers(scene) {
    const { hostile, random } = scene;
    const target = random.pick([...(hostile.room?.events.keys() ?? [])].slice(-20));
    const isInContent = hostile.room?.version.redactsInContent === true;
    await tell(scene, [
      hostile.make({
        type: 'm.room.redaction',
        content: isInContent ? { redacts: target } : {},
        ...(!isInContent && { members: { redacts: target } }),
      }),
    ]);
  },

  /** What only the victim's server may say. */
  async speakForOthers(scene) {
    const { hostile, victim } = scene;
    const [roomId = '', eventId = ''] = [hostile.room?.roomId, [...(hostile.room?.events.keys() ?? [])].at(-1)];
    const edus = [
      { edu_type: 'm.presence', content: { push: [{ user_id: victim, presence: 'online', status_msg: forged }] } },
      { edu_type: 'm.typing', content: { room_id: roomId, user_id: victim, typing: true } },
      {
        edu_type: 'm.receipt',
        content: { [roomId]: { 'm.read': { [victim]: { data: { ts: 1, thread_id: forged }, event_ids: [eventId] } } } },
      },
      {
        edu_type: 'm.direct_to_device',
        content: { sender: victim, type: forged, message_id: forged, messages: { [victim]: { '*': { forged } } } },
      },
      { edu_type: 'm.device_list_update', content: { user_id: victim, device_id: forged, stream_id: 1, prev_id: [] } },
      { edu_type: 'm.signing_key_update', content: { user_id: victim, master_key: { forged } } },
    ];
    await Promise.all(scene.servers.map((server) => hostile.send(server, [], edus)));
  },

  /** Old events once more: they are known, and change nothing. */
  async repeatOthers(scene) {
    const { hostile, random } = scene;
    const past = [...(hostile.room?.events.values() ?? [])].filter(({ type }) => type !== 'm.room.message');
    await tell(
      scene,
      Array.from({ length: 5 }, () => random.pick(past)),
    );
  },
};

/** Does one thing or another. `atTheDoor`: of those in `door-acts.ts` too. */
export function misbehave(
  hostile: HostileServer,
  servers: readonly string[],
  victims: readonly string[],
  atTheDoor: boolean,
): Promise<void> {
  const { random } = hostile;
  const known = atTheDoor && random.chance(50) ? doorActs : acts;
  const name = random.pick(Object.keys(known));
  return (known[name] as Act)({ hostile, servers, victim: random.pick(victims), random });
}

/** An event that it counts as part of the room. */
function keep({ hostile }: Scene, event: EventToMake): EventWithId {
  const made = hostile.make(event);
  hostile.learn(made.pdu, true);
  return made;
}

function powerLevels(hostile: HostileServer): EventToMake {
  return { type: 'm.room.power_levels', stateKey: '', content: { users: { [hostile.userId]: 100 }, state_default: 0 } };
}

function banOf(userId: string): EventToMake {
  return { type: 'm.room.member', stateKey: userId, content: { membership: 'ban' } };
}

function isPowerLevels(hostile: HostileServer, eventId: string): boolean {
  return hostile.room?.events.get(eventId)?.type === 'm.room.power_levels';
}

function deep(levels: number): JsonObject {
  return levels === 0 ? {} : { deep: deep(levels - 1) };
}
