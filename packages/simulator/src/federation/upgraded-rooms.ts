import type { SeededRandom } from '../seeded-random.ts';
import type { WorldUser } from './world-user.ts';

/** Rooms that take another one's place, and who goes there. */
export class UpgradedRooms {
  readonly #random: SeededRandom;
  readonly #roomId: string;
  readonly #versions: readonly string[];
  /** Who closes the room, in which of their turns: mostly the founder, sometimes two at once. */
  readonly #turns: ReadonlyMap<WorldUser, number>;
  readonly #replacements = new Set<string>();

  constructor(
    random: SeededRandom,
    roomId: string,
    users: readonly WorldUser[],
    actions: number,
    versions: readonly string[],
  ) {
    this.#random = random;
    this.#roomId = roomId;
    this.#versions = versions;
    const by = random.chance(70) ? [users[0] as WorldUser] : [random.pick(users), random.pick(users)];
    this.#turns = new Map(by.map((user) => [user, 1 + random.below(actions - 1)]));
  }

  /** Closes the room if it is the user's turn, or perhaps goes where others have gone already. */
  async act(user: WorldUser, turn: number): Promise<void> {
    if (this.#turns.get(user) === turn) {
      const replacement = await user.upgrade(this.#roomId, this.#random.pick(this.#versions));
      if (replacement !== undefined) this.#replacements.add(replacement);
    } else if (this.#replacements.size > 0 && this.#random.chance(30)) await user.follow(this.#roomId);
  }

  /** Who may, lets all speak again in the room that was closed: what a server knows others hear when its user speaks. */
  async letSpeak(users: readonly WorldUser[]): Promise<void> {
    for (const user of users) {
      const levels = await user.stateOf(this.#roomId, 'm.room.power_levels');
      if (!levels || !Number(levels['events_default'] ?? 0)) continue;
      const { status } = await user.setState(this.#roomId, 'm.room.power_levels', '', { ...levels, events_default: 0 });
      if (status === 200) return;
    }
  }

  /** All who see that the room was replaced go to the new one. Tells who is where, and what is wrong. */
  async gather(users: readonly WorldUser[]): Promise<{ gathered: Map<string, WorldUser[]>; problems: string[] }> {
    const problems: string[] = [];
    const gathered = new Map<string, WorldUser[]>();
    for (const user of users) {
      const replacement = await user.follow(this.#roomId);
      if (replacement === undefined) continue;
      gathered.set(replacement, [...(gathered.get(replacement) ?? []), user]);
      if (!this.#replacements.has(replacement))
        problems.push(`${user.userId} is sent to ${replacement}, which nobody made`);
      const create = await user.stateOf(replacement, 'm.room.create');
      const predecessor = create?.['predecessor'] as { room_id?: unknown } | undefined;
      if (create && predecessor?.room_id !== this.#roomId)
        problems.push(`${user.userId} sees that ${replacement} came of ${String(predecessor?.room_id)}`);
    }
    return { gathered, problems };
  }
}
