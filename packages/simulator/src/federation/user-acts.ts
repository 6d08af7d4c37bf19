import { domainOf } from '@myelin/protocol';
import type { SeededRandom } from '../seeded-random.ts';
import type { WorldUser } from './world-user.ts';

/** What a user may choose from. */
export interface Stage {
  readonly roomId: string;
  readonly users: readonly WorldUser[];
  /** Of servers that don't keep the rules. */
  readonly hostileUsers: readonly string[];
  /** Of all servers. */
  readonly names: readonly string[];
  /** A room in which only some of the users are: who is there may come into the other one while that is restricted. */
  readonly lobby?: string | undefined;
}

/** Something that a user does: mostly talk. Refusals are part of life. */
export async function actOnce(random: SeededRandom, user: WorldUser, stage: Stage, i: number): Promise<void> {
  const { roomId, users, names } = stage;
  const people = peopleOf(stage);
  const other = random.pick(people);
  const dice = random.below(100);
  if (dice < 46) await user.send(roomId, `${i}`);
  else if (dice < 50) await user.redact(roomId, messageOf(random, users));
  else if (dice < 60) await user.setState(roomId, 'm.room.topic', '', { topic: `${user.userId} ${i}` });
  else if (dice < 68) await user.setState(roomId, 'm.room.power_levels', '', levels(random, people));
  else if (dice < 74) await user.kick(roomId, other);
  else if (dice < 79) await user.ban(roomId, other);
  else if (dice < 84) await user.unban(roomId, other);
  else if (dice < 89) await user.invite(roomId, other);
  else if (dice < 93) await user.leave(roomId);
  else if (dice < 96)
    await user.setState(roomId, 'm.room.join_rules', '', { join_rule: random.chance(70) ? 'public' : 'invite' });
  else {
    const honest = users.map((each) => each.home.name);
    await user.join(roomId, random.chance(30) ? names.toReversed() : honest);
  }
}

/** What `actOnce` doesn't do: doors that are neither open nor shut, and servers that are shut out. */
export async function actAtTheDoor(random: SeededRandom, user: WorldUser, stage: Stage): Promise<void> {
  const { roomId, users, hostileUsers, lobby } = stage;
  const honest = users.map((each) => each.home.name);
  const dice = random.below(100);
  if (dice < 8) await user.setState(roomId, 'org.example.mine', random.pick(users).userId, {});
  else if (dice < 15) await user.redact(roomId, messageOf(random, users));
  else if (dice < 25) await user.ban(roomId, random.pick([...hostileUsers, user.userId]));
  else if (dice < 35) await user.kick(roomId, random.pick([...hostileUsers, user.userId]));
  else if (dice < 50) await user.setState(roomId, 'm.room.join_rules', '', joinRules(random, lobby));
  else if (dice < 60) await user.knock(roomId, honest);
  else if (dice < 68) await user.join(roomId, honest);
  else if (dice < 75) await user.leave(roomId);
  else {
    const shutOut = hostileUsers.filter(() => random.chance(60)).map(domainOf);
    await user.setState(roomId, 'm.room.server_acl', '', { allow: ['*'], deny: shutOut, allow_ip_literals: true });
  }
}

function peopleOf({ users, hostileUsers }: Stage): string[] {
  return [...users.map(({ userId }) => userId), ...hostileUsers];
}

/** Some message that was sent, or none that there is. */
function messageOf(random: SeededRandom, users: readonly WorldUser[]): string {
  const { acknowledged } = random.pick(users);
  return acknowledged.length > 0 ? random.pick(acknowledged) : '$none';
}

/** Odd distributions of power; most are refused to those who lack it. Version 12's founder must not be named. */
function levels(random: SeededRandom, people: readonly string[]): object {
  const byUser: Record<string, number> = {};
  for (const userId of people) if (random.chance(50)) byUser[userId] = random.pick([0, 25, 50, 100]);
  return {
    users: byUser,
    users_default: 0,
    events_default: 0,
    state_default: random.pick([0, 50]),
    ban: 50,
    kick: 50,
    invite: 0,
  };
}

/** Rules that a room's version doesn't know let nobody in. */
function joinRules(random: SeededRandom, lobby: string | undefined): object {
  const rule = random.pick(['public', 'knock', 'restricted', 'knock_restricted']);
  return { join_rule: rule, allow: lobby === undefined ? [] : [{ type: 'm.room_membership', room_id: lobby }] };
}
