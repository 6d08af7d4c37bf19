import { signJson, SigningKey, stateMapKey, type JsonObject } from '@myelin/protocol';
import type { Seeded } from '../fuzz/seeded.ts';
import type { EventSpec, ForkedRoom, StateIds } from './forked-room.ts';

const acts = {
  join: (at: Scene) => member(at.who, 'join', at.who),
  leave: (at: Scene) => member(at.who, 'leave', at.who),
  kick: (at: Scene) => member(at.who, 'leave', at.whom),
  ban: (at: Scene) => member(at.who, 'ban', at.whom),
  invite: (at: Scene) => member(at.who, 'invite', at.whom),
  knock: (at: Scene) => member(at.who, 'knock', at.who),
  authorised: (at: Scene) => member(at.who, 'join', at.who, { join_authorised_via_users_server: at.whom }),
  thirdParty: (at: Scene) => thirdPartyInvite(at),
  promised: (at: Scene) => promisedInvite(at),
  joinRules: (at: Scene) => state('m.room.join_rules', at.who, randomJoinRules(at)),
  levels: (at: Scene) => state('m.room.power_levels', at.who, randomLevels(at)),
  fight: (at: Scene) => state('m.room.power_levels', at.who, changedLevels(at)),
  topic: (at: Scene) => state('m.room.topic', at.who, { topic: String(at.random.below(1000)) }),
  own: (at: Scene) => ({
    ...state('org.example.own', at.who, { serial: at.random.below(1000) }),
    stateKey: at.random.pick([at.who, at.whom]),
  }),
  redaction: (at: Scene) => redaction(at),
  message: (at: Scene): EventSpec => {
    const content = { msgtype: 'm.text', body: String(at.random.below(1000)) };
    return { type: 'm.room.message', sender: at.who, content };
  },
};

type Act = keyof typeof acts;

/** What people are at odds about: how often they do what. */
export const quarrels = {
  everything: { join: 2, leave: 1, kick: 1, ban: 1, invite: 1, joinRules: 1, levels: 3, topic: 1, own: 1, message: 1 },
  power: { fight: 8, levels: 2, topic: 3, own: 2, kick: 1, message: 2 },
  bans: { ban: 4, join: 4, kick: 4, leave: 1, invite: 2, message: 3, joinRules: 1, fight: 1, knock: 1 },
  redactions: { redaction: 6, message: 4, topic: 2, fight: 2, own: 1, kick: 1, join: 1 },
  admission: {
    authorised: 5,
    joinRules: 4,
    knock: 2,
    invite: 2,
    thirdParty: 2,
    promised: 2,
    leave: 3,
    kick: 2,
    fight: 3,
  },
} satisfies Record<string, Partial<Record<Act, number>>>;

export type Quarrel = keyof typeof quarrels;

interface Scene {
  readonly room: ForkedRoom;
  readonly random: Seeded;
  readonly who: string;
  readonly whom: string;
  /** Where it happens. */
  readonly before: StateIds;
}

/** Something that somebody does, or tries to. `before`: the state in which it is done. */
export function randomAct(room: ForkedRoom, random: Seeded, quarrel: Quarrel, before: StateIds): EventSpec {
  const act = randomKind(random, quarrels[quarrel]);
  // Those with power act more often: what others try is mostly refused.
  let who = random.chance(0.35) ? room.creator : random.pick(room.people);
  // The creator stays: the end of the story is theirs to tell.
  let whom = random.pick(room.people.slice(1));
  const outside = room.people.filter((userId) => membershipIn(room, before, userId) !== 'join');
  if (outside.length > 0 && random.chance(0.7)) {
    if (act === 'join' || act === 'knock' || act === 'authorised') who = random.pick(outside);
    if (act === 'invite' || act === 'promised') whom = random.pick(outside);
  }
  if (act === 'promised' && random.chance(0.7)) who = whoPromised(room, before) ?? who;
  const scene = { room, random, who, whom, before };
  return staying(room, acts[act](scene)) ?? acts.message(scene);
}

function randomKind(random: Seeded, weights: Partial<Record<Act, number>>): Act {
  const chances = Object.entries(weights) as [Act, number][];
  let left = random.below(chances.reduce((sum, [, weight]) => sum + weight, 0));
  for (const [act, weight] of chances) {
    if (left < weight) return act;
    left -= weight;
  }
  throw new Error('unreachable');
}

function membershipIn(room: ForkedRoom, before: StateIds, userId: string): unknown {
  const id = before.get(stateMapKey('m.room.member', userId));
  return id === undefined ? undefined : room.events.get(id)!.pdu.content['membership'];
}

/** Who has invited an address. */
function whoPromised(room: ForkedRoom, before: StateIds): string | undefined {
  const ids = tokens.map((token) => before.get(stateMapKey('m.room.third_party_invite', token)));
  const id = ids.find((each) => each !== undefined);
  return id === undefined ? undefined : room.events.get(id)!.pdu.sender;
}

/** An act, unless by it the creator goes. */
function staying(room: ForkedRoom, spec: EventSpec): EventSpec | undefined {
  const isOfCreator = spec.type === 'm.room.member' && spec.stateKey === room.creator;
  return isOfCreator && spec.content['membership'] !== 'join' ? undefined : spec;
}

function randomJoinRules({ room, random }: Scene): JsonObject {
  const { version } = room;
  const allow = [{ type: 'm.room_membership', room_id: '!elsewhere:localhost' }];
  return random.pick<JsonObject>([
    { join_rule: 'public' },
    { join_rule: 'public' },
    { join_rule: 'invite' },
    ...(version.knock ? [{ join_rule: 'knock' }] : []),
    ...(version.restrictedJoins ? [{ join_rule: 'restricted', allow }] : []),
    ...(version.knockRestricted ? [{ join_rule: 'knock_restricted', allow }] : []),
  ]);
}

const levelNames = ['users_default', 'state_default', 'events_default', 'ban', 'kick', 'invite', 'redact'];

function randomLevels({ room, random }: Scene): JsonObject {
  const { version, creator } = room;
  const users: JsonObject = {};
  if (!version.privilegedCreators || random.chance(0.1)) users[creator] = 100;
  for (const userId of room.people) {
    if (userId === creator || random.chance(0.4)) continue;
    users[userId] = random.pick(
      [0, 10, 50, 50, 100, ...(random.chance(0.2) ? ['50', ' 10 ', 100.5] : [])].filter(fits),
    );
  }
  const levels: JsonObject = { users };
  for (const name of levelNames) if (random.chance(0.15)) levels[name] = random.pick([0, 10, 50, 60]);
  if (random.chance(0.3)) levels['events'] = { 'm.room.topic': random.pick([0, 50, 100]) };
  if (random.chance(0.2)) levels['notifications'] = { room: random.pick([0, 50, 100]) };
  return levels;

  // From version 6 on events with fractions can't be signed at all.
  function fits(level: unknown): boolean {
    return Number.isInteger(level) || typeof level === 'string' || !version.strictCanonicalJson;
  }
}

/** The levels as they are, but for one: somebody's power is taken or given, or what is needed for something. */
function changedLevels({ room, random, whom, before }: Scene): JsonObject {
  const id = before.get(stateMapKey('m.room.power_levels', ''));
  const levels = structuredClone(id === undefined ? {} : room.events.get(id)!.pdu.content);
  if (random.chance(0.2)) return { ...levels, [random.pick(levelNames)]: random.pick([0, 10, 50, 60]) };
  const level = random.pick([0, 0, 10, 49, 50, 51, 99, 100]);
  return { ...levels, users: { ...(levels['users'] as JsonObject | undefined), [whom]: level } };
}

function redaction({ room, random, who }: Scene): EventSpec {
  // But the create event: what is left of it then is told by no specification, and Synapse keeps it whole.
  const redacts = random.pick([...room.events.keys()].slice(1));
  const inContent = room.version.redactsInContent;
  const base = { type: 'm.room.redaction', sender: who };
  return inContent ? { ...base, content: { redacts } } : { ...base, content: {}, redacts };
}

const tokens = ['first', 'second'];
const identityServer = 'identity.example';
const identityKey = new SigningKey('ed25519:0', Buffer.alloc(32, 'identity server'));

function thirdPartyInvite({ who, random }: Scene): EventSpec {
  const content = random.chance(0.2) ? {} : { display_name: 'a…@b…', public_key: identityKey.publicKey };
  return { ...state('m.room.third_party_invite', who, content), stateKey: random.pick(tokens) };
}

function promisedInvite({ who, whom, random }: Scene): EventSpec {
  const signed = signJson({ mxid: whom, token: random.pick(tokens) }, identityServer, identityKey);
  return member(who, 'invite', whom, { third_party_invite: { display_name: 'a…@b…', signed } });
}

export function member(sender: string, membership: string, target: string, more: JsonObject = {}): EventSpec {
  return { type: 'm.room.member', sender, stateKey: target, content: { membership, ...more } };
}

export function state(type: string, sender: string, content: JsonObject): EventSpec {
  return { type, sender, stateKey: '', content };
}
