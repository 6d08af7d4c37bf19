import { isServerName, parseRoomId, parseUserId } from '@myelin/protocol';

/** So many servers are asked for one thing at most. */
const mostServers = 10;

/** Servers that may know a room, the likeliest first, each once, and this one not among them. */
export function candidateServers(serverName: string, ...lists: readonly (readonly (string | undefined)[])[]): string[] {
  const found = new Set<string>();
  for (const list of lists) {
    for (const server of list) {
      if (found.size >= mostServers) return [...found];
      if (server !== undefined && server !== serverName && isServerName(server)) found.add(server);
    }
  }
  return [...found];
}

/** The server that a room id names: where the room was made. From version 12 on there is none. */
export function serverOfRoom(roomId: string): string | undefined {
  const parts = parseRoomId(roomId);
  return parts?.form === 'domain' ? parts.serverName : undefined;
}

export function serverOfUser(userId: string | undefined): string | undefined {
  return userId === undefined ? undefined : parseUserId(userId)?.serverName;
}
