import { isJsonObject, type JsonValue } from '@myelin/protocol';
import type { Clock } from '@myelin/runtime';
import type { EduHandler } from '../../federation-inbound/index.ts';
import type { Names, UserNid } from '../../names/index.ts';
import type { Presence, PresenceState, RemotePresence } from '../../presence/index.ts';
import { isUserOf, type PossibleMembers } from '../../remote-devices/index.ts';

export interface PresenceEdusParts {
  readonly clock: Clock;
  readonly names: Names;
  readonly presence: Presence;
  readonly shared: { sharesRoom(user: UserNid): Promise<boolean> };
  readonly possible: Pick<PossibleMembers, 'anywhere'>;
  readonly received: { inc(count: number): void };
}

/** Users of one EDU that are taken notice of. */
const mostUsers = 1_000;
/** In UTF-16 units. */
const longestStatus = 4_096;

/** m.presence. Server-Server API §"Presence". */
export function presenceHandler({ clock, names, presence, shared, possible, received }: PresenceEdusParts): EduHandler {
  return async (origin, content) => {
    const { push } = content;
    if (!Array.isArray(push)) return;
    received.inc(push.length);
    for (const each of push.slice(0, mostUsers)) {
      if (!isJsonObject(each) || !isUserOf(each['user_id'], origin)) continue;
      const told = parsePresence(each, clock.now());
      if (!told) continue;
      const known = await names.findUser(each['user_id']);
      const isSeen = known !== undefined && (await shared.sharesRoom(known));
      const user = isSeen ? known : await possible.anywhere(origin, each['user_id']);
      if (user !== undefined) presence.receive(user, told);
    }
  };
}

const states: ReadonlySet<JsonValue | undefined> = new Set<PresenceState>(['online', 'unavailable', 'offline']);

function parsePresence(push: Readonly<Record<string, JsonValue>>, now: number): RemotePresence | undefined {
  const { presence: state, status_msg: status, last_active_ago: ago, currently_active: active } = push;
  if (!states.has(state)) return undefined;
  const isTime = typeof ago === 'number' && Number.isSafeInteger(ago) && ago >= 0 && ago <= now;
  return {
    state: state as PresenceState,
    statusMsg: typeof status === 'string' && status !== '' ? status.slice(0, longestStatus).toWellFormed() : undefined,
    lastActive: isTime ? now - ago : undefined,
    currentlyActive: active === true,
  };
}
