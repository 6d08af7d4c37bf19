import { referencedId, type EventWithId, type JsonObject } from '@myelin/protocol';
import type { SeededRandom } from '../seeded-random.ts';
import type { EventToMake, HostileServer } from './hostile-server.ts';

export interface Scene {
  readonly hostile: HostileServer;
  /** Servers that keep the rules, and a user of each. */
  readonly servers: readonly string[];
  readonly victim: string;
  readonly random: SeededRandom;
}

export type Act = (scene: Scene) => Promise<void>;

export const message = (body: string): EventToMake => ({
  type: 'm.room.message',
  content: { msgtype: 'm.text', body },
});

/** Sends events to all servers, or some of them. */
export async function tell(
  { hostile, servers, random }: Scene,
  events: readonly (EventWithId | JsonObject)[],
): Promise<void> {
  const pdus = events.map((event) =>
    'pdu' in event && 'eventId' in event ? (event as EventWithId).pdu : (event as JsonObject),
  );
  const share = random.pick([100, 50, 20]);
  const told = servers.filter(() => random.chance(share));
  await Promise.all((told.length > 0 ? told : [random.pick(servers)]).map((server) => hostile.send(server, pdus)));
}

/** What would have authorized the hostile user at an event: what it names, or is, and how the user came in. */
export function authFor(hostile: HostileServer, eventId: string): string[] {
  const { events = new Map() } = hostile.room ?? {};
  const named = (events.get(eventId)?.auth_events ?? []).map(referencedId);
  const join = [...events].find(([, { type, state_key: key }]) => type === 'm.room.member' && key === hostile.userId);
  const chosen = [...named, eventId].filter((id) =>
    ['m.room.create', 'm.room.power_levels'].includes(String(events.get(id)?.type)),
  );
  const newest = new Map(chosen.map((id) => [events.get(id)?.type, id]));
  if (hostile.room?.version.roomIdIsCreateEventId) newest.delete('m.room.create');
  return [...newest.values(), ...(join ? [join[0]] : [])];
}
