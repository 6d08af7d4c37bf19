import { referencedId, type JsonObject } from '@myelin/protocol';
import { authFor, message, tell, type Act } from './hostile-scene.ts';
import type { EventToMake, HostileServer } from './hostile-server.ts';

const member = (stateKey: string, membership: string, more: JsonObject = {}): EventToMake => ({
  type: 'm.room.member',
  stateKey,
  content: { membership, ...more },
});

/** What hostile servers do about who may come in, stay and speak. */
export const doorActs: Readonly<Record<string, Act>> = {
  /** From a place in the room's history where it was a member, as if it didn't know that it was put out, or that much was said since. */
  async speakFromThePast(scene) {
    const { hostile, random } = scene;
    const place = placeAsMember(hostile, random.chance(50));
    if (place === undefined) return;
    const authEvents = authFor(hostile, place);
    const said = hostile.make({ ...message('still here'), prevEvents: [place], authEvents });
    const more = hostile.make({ ...message('and here'), prevEvents: [said.eventId], authEvents });
    await tell(scene, random.chance(50) ? [said, more] : [said]);
  },

  /** Comes in again from a place where it could. */
  async comeBackFromThePast(scene) {
    const { hostile, random } = scene;
    const place = placeAsMember(hostile, random.chance(50));
    if (place === undefined) return;
    const rules = newestBefore(hostile, place, 'm.room.join_rules');
    const authEvents = [...authFor(hostile, place), ...(rules === undefined ? [] : [rules])];
    const join = member(hostile.userId, 'join', { displayname: 'back' });
    await tell(scene, [hostile.make({ ...join, prevEvents: [place], authEvents })]);
  },

  /** Auth events that don't belong there, or not all that do: nothing is wrong with the event but that. */
  async chooseOddly(scene) {
    const { hostile, random } = scene;
    const good = hostile.make(message('by the right ones')).pdu.auth_events.map(referencedId);
    const all = [...(hostile.room?.events ?? [])].filter(([, pdu]) => pdu.state_key !== undefined).map(([id]) => id);
    const odd = random.pick([
      [...good, random.pick(all.filter((id) => !good.includes(id)))],
      good.slice(1),
      good.slice(0, -1),
    ]);
    await tell(scene, [hostile.make({ ...message('by the wrong ones'), authEvents: odd })]);
  },

  /** What only some may do, where it stands. */
  async overreach(scene) {
    const { hostile, victim, random } = scene;
    const levels = hostile.levels();
    const users = (levels['users'] ?? {}) as JsonObject;
    const all: EventToMake[] = [
      member(victim, 'leave'),
      member(victim, 'ban'),
      member(victim, 'invite'),
      member(victim, 'join'),
      member(hostile.userId, 'knock'),
      member(hostile.userId, 'join'),
      member(hostile.userId, 'invite'),
      // Nobody has signed for the victim's server.
      member(hostile.userId, 'join', { join_authorised_via_users_server: victim }),
      { type: 'm.room.topic', stateKey: '', content: { topic: 'taken over' } },
      { type: 'org.example.mine', stateKey: victim, content: {} },
      { type: 'm.room.join_rules', stateKey: '', content: { join_rule: 'public' } },
      { type: 'm.room.power_levels', stateKey: '', content: { ...levels, ban: 0, kick: 0 } },
      { type: 'm.room.power_levels', stateKey: '', content: { ...levels, users: { ...users, [hostile.userId]: 100 } } },
      { type: 'm.room.power_levels', stateKey: '', content: { ...levels, users: { ...users, [victim]: 0 } } },
      { type: 'm.room.power_levels', stateKey: '', content: { ...levels, state_default: '0' } },
      { type: 'm.room.create', stateKey: '', content: { room_version: '10', creator: hostile.userId } },
    ];
    await tell(
      scene,
      all.filter(() => random.chance(40)).map((act) => hostile.make(act)),
    );
  },
};

/** An event that its user, who was in the room then, has sent or followed; the last one or some. */
function placeAsMember({ room, userId, random }: HostileServer, isLast: boolean): string | undefined {
  const places: string[] = [];
  let isIn = false;
  for (const [eventId, pdu] of room?.events ?? []) {
    if (pdu.type === 'm.room.member' && pdu.state_key === userId) isIn = pdu.content['membership'] === 'join';
    if (isIn) places.push(eventId);
  }
  if (places.length === 0) return undefined;
  return isLast ? places.at(-1) : random.pick(places);
}

function newestBefore({ room }: HostileServer, place: string, type: string): string | undefined {
  let newest: string | undefined;
  for (const [eventId, pdu] of room?.events ?? []) {
    if (pdu.type === type) newest = eventId;
    if (eventId === place) break;
  }
  return newest;
}
