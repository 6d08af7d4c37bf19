import { parseUserId, type JsonValue } from '@myelin/protocol';

/** Whether something is the id of a user of a server: of others it may not speak. */
export function isUserOf(userId: JsonValue | undefined, server: string): userId is string {
  return typeof userId === 'string' && parseUserId(userId)?.serverName === server;
}
