import type { Pdu, RoomVersion } from '@myelin/protocol';

/** The events of a state. */
export type PlainState = (type: string, stateKey: string) => Pdu | undefined;

interface Room {
  readonly state: PlainState;
  readonly version: RoomVersion;
}

/**
 * Why an event must be refused at its place, if it must, by the authorization rules as far as they matter in the simulator's
 * rooms. Written anew from the specification (Room Versions, "Authorization rules") and simply: `checkEventAuth` of the protocol
 * is used by the servers and by `RoomOracle` alike, which wouldn't notice what it lets through.
 */
export function plainRefusal(pdu: Pdu, state: PlainState, version: RoomVersion): string | undefined {
  if (pdu.type === 'm.room.create') return pdu.prev_events.length > 0 ? 'a second create event' : undefined;
  const room = { state, version };
  // The first events of a room are made before there are levels.
  if (!state('m.room.power_levels', '')) return undefined;
  if (pdu.type === 'm.room.member') return refusedMember(pdu, room);
  if (membership(room, pdu.sender) !== 'join') return 'the sender is not in the room';
  const own = levelOf(room, pdu.sender);
  const { events = {}, events_default: forMessages = 0, state_default: forState = 50 } = levelsIn(state);
  const needed = events[pdu.type] ?? (pdu.state_key === undefined ? forMessages : forState);
  if (own < needed) return `level ${own} of ${needed}`;
  if (pdu.state_key?.startsWith('@') && pdu.state_key !== pdu.sender) return 'state of another user';
  if (pdu.type === 'm.room.power_levels') return refusedLevels(pdu, own, room);
  return undefined;
}

/** Whether a user of another server than an event's may redact it. */
export function mayRedactOthers(userId: string, state: PlainState, version: RoomVersion): boolean {
  return levelOf({ state, version }, userId) >= (levelsIn(state).redact ?? 50);
}

interface Levels {
  readonly users?: Record<string, number>;
  readonly events?: Record<string, number>;
  readonly users_default?: number;
  readonly events_default?: number;
  readonly state_default?: number;
  readonly ban?: number;
  readonly kick?: number;
  readonly invite?: number;
  readonly redact?: number;
}

function levelsIn(state: PlainState): Levels {
  return (state('m.room.power_levels', '')?.content ?? {}) as Levels;
}

function levelOf({ state, version }: Room, userId: string): number {
  if (version.privilegedCreators && state('m.room.create', '')?.sender === userId) return Infinity;
  const { users = {}, users_default: others = 0 } = levelsIn(state);
  return users[userId] ?? others;
}

function membership({ state }: Room, userId: string): unknown {
  return state('m.room.member', userId)?.content['membership'];
}

function refusedMember(pdu: Pdu, room: Room): string | undefined {
  const { sender, state_key: target = '', content } = pdu;
  const levels = levelsIn(room.state);
  const own = levelOf(room, sender);
  const was = membership(room, target);
  const isOwn = sender === target;
  const senderIsIn = membership(room, sender) === 'join';
  const isStronger = own > levelOf(room, target);
  switch (content['membership']) {
    case 'join':
      if (!isOwn) return 'a join for another';
      if (was === 'ban') return 'a join of one who is banned';
      return was === 'join' || was === 'invite' ? undefined : refusedEntry(pdu, room);
    case 'invite':
      if (!senderIsIn || own < (levels.invite ?? 0)) return 'an invite by one who may not';
      return was === 'ban' || was === 'join' ? `an invite of one who has ${was}` : undefined;
    case 'leave':
      if (isOwn) return ['join', 'invite', 'knock'].includes(String(was)) ? undefined : 'a leave of one who is not in';
      if (!senderIsIn || (was === 'ban' && own < (levels.ban ?? 50))) return 'an unban by one who may not';
      return own < (levels.kick ?? 50) || !isStronger ? 'a kick by one who may not' : undefined;
    case 'ban':
      return !senderIsIn || own < (levels.ban ?? 50) || !isStronger ? 'a ban by one who may not' : undefined;
    case 'knock': {
      const mayKnock = ['knock', ...(room.version.knockRestricted ? ['knock_restricted'] : [])];
      if (!room.version.knock || !isOwn || !mayKnock.includes(joinRule(room))) return 'a knock where there is no door';
      return ['ban', 'join', 'invite'].includes(String(was)) ? `a knock of one who has ${String(was)}` : undefined;
    }
    default:
      return 'no membership';
  }
}

function joinRule({ state }: Room): string {
  return String(state('m.room.join_rules', '')?.content['join_rule'] ?? 'invite');
}

/** A join of one who isn't invited. */
function refusedEntry({ content }: Pdu, room: Room): string | undefined {
  const { version } = room;
  const rule = joinRule(room);
  if (rule === 'public') return undefined;
  const isRestricted =
    (rule === 'restricted' && version.restrictedJoins) || (rule === 'knock_restricted' && version.knockRestricted);
  const authoriser = String(content['join_authorised_via_users_server']);
  const mayInvite =
    membership(room, authoriser) === 'join' && levelOf(room, authoriser) >= (levelsIn(room.state).invite ?? 0);
  return isRestricted && mayInvite ? undefined : `a join where the rule is ${rule}`;
}

function refusedLevels({ content, sender }: Pdu, own: number, { state, version }: Room): string | undefined {
  const [before, after] = [flat(levelsIn(state)), flat(content as Levels)];
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [was, is] = [before.get(key), after.get(key)];
    if (was === is) continue;
    if (typeof is !== 'number' && is !== undefined && version.integerPowerLevels) return `${key} is no number`;
    if (Number(was ?? -Infinity) > own || Number(is ?? -Infinity) > own)
      return `${key} is changed from ${was} to ${is} with ${own}`;
    const isOther = key.startsWith('users @') && key !== `users ${sender}`;
    if (isOther && Number(was ?? -Infinity) >= own)
      return `${key} is taken away from one with ${was} by one with ${own}`;
  }
  return undefined;
}

/** Each level by what it is for. */
function flat(levels: Levels): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const [name, value] of Object.entries(levels)) {
    if (typeof value !== 'object') found.set(name, value);
    else if (name === 'users' || name === 'events')
      for (const [key, level] of Object.entries(value as object)) found.set(`${name} ${key}`, level);
  }
  return found;
}
