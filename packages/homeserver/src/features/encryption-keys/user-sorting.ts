import { parseUserId } from '@myelin/protocol';

/** Members of a map by user id, apart by where the users live. */
export interface SortedUsers<T> {
  readonly local: ReadonlyMap<string, T>;
  readonly byServer: ReadonlyMap<string, Readonly<Record<string, T>>>;
}

/** Sorts by server what a request gives by user id; what isn't a user id is left out, as a user without keys is. */
export function sortUsers<T>(byUser: Readonly<Record<string, T>>, serverName: string): SortedUsers<T> {
  const local = new Map<string, T>();
  const byServer = new Map<string, Record<string, T>>();
  for (const [userId, value] of Object.entries(byUser)) {
    const parts = parseUserId(userId);
    if (!parts) continue;
    if (parts.serverName === serverName) local.set(userId, value);
    else {
      const users = byServer.get(parts.serverName) ?? {};
      users[userId] = value;
      byServer.set(parts.serverName, users);
    }
  }
  return { local, byServer };
}
