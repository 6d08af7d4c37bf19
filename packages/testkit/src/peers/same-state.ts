import type { PeerUser } from './peer-user.ts';
import { until } from './until.ts';

/** Waits until the servers of both users have the same current state of the room, event by event, and returns it. */
export async function untilSameState(roomId: string, one: PeerUser, other: PeerUser): Promise<Map<string, string>> {
  let differences: string[] = [];
  let common = new Map<string, string>();
  const compare = async (): Promise<boolean> => {
    const [a, b] = await Promise.all([ids(roomId, one), ids(roomId, other)]);
    common = a;
    differences = [...new Set([...a.keys(), ...b.keys()])]
      .filter((key) => a.get(key) !== b.get(key))
      .map(
        (key) => `${key}: ${a.get(key) ?? 'nothing'} at ${one.userId}, ${b.get(key) ?? 'nothing'} at ${other.userId}`,
      );
    return differences.length === 0;
  };
  try {
    await until('the same state on both servers', compare);
  } catch (error) {
    throw new Error(`${roomId}: the servers disagree:\n${differences.join('\n')}`, { cause: error });
  }
  return common;
}

async function ids(roomId: string, user: PeerUser): Promise<Map<string, string>> {
  const state = await user.state(roomId);
  return new Map([...state].map(([key, event]) => [key, event.event_id]));
}
