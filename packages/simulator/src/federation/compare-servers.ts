import type { WorldUser } from './world-user.ts';

interface View {
  readonly user: WorldUser;
  /** Event id by `type|state_key`. */
  readonly state: ReadonlyMap<string, string>;
  /** By event id: refused by the rules at its place. */
  readonly refusals: ReadonlyMap<string, boolean>;
  /** Newest first. */
  readonly history: readonly string[];
}

/** What the servers whose users are in the room in the end have of it, and where they disagree. */
export async function compareServers(
  roomId: string,
  users: readonly WorldUser[],
): Promise<{ problems: string[]; transcript: string[] }> {
  const problems: string[] = [];
  const views: View[] = [];
  for (const user of users) {
    const state = await user.home.server.currentState(roomId);
    if (state === undefined) continue;
    const member = await user.home.server.isJoined(roomId, user.userId);
    if (!member) continue;
    const history = await user.history(roomId);
    views.push({ user, state, refusals: await user.home.server.refusals(roomId), history });
  }
  const transcript = views.map(({ user, state, history }) => `${user.home.name} ${state.size} ${history.join(' ')}`);
  const [first, ...others] = views;
  if (!first) return { problems, transcript };
  for (const view of others) problems.push(...differences(first, view));
  for (const { user, history } of views) {
    if (new Set(history).size !== history.length) problems.push(`${user.home.name} shows an event twice`);
  }
  return { problems, transcript };
}

function differences(one: View, other: View): string[] {
  const problems: string[] = [];
  const names = `${one.user.home.name} and ${other.user.home.name}`;
  for (const key of new Set([...one.state.keys(), ...other.state.keys()])) {
    const [a, b] = [one.state.get(key), other.state.get(key)];
    if (a !== b) problems.push(`${names} disagree on ${key}: ${a ?? 'nothing'}, ${b ?? 'nothing'}`);
  }
  for (const [eventId, isRefused] of one.refusals) {
    const there = other.refusals.get(eventId);
    if (there !== undefined && there !== isRefused) problems.push(`of ${names} one refuses ${eventId}`);
  }
  return problems;
}
