import { MatrixError } from '@myelin/api';
import type { Database } from '@myelin/database';
import type { Requester } from '../../http/index.ts';
import type { ClientEvents } from '../client-events/index.ts';
import type { Events, StoredEvent } from '../events/index.ts';
import type { RoomNid } from '../names/index.ts';
import type { ReadPositionCache } from '../receipts/index.ts';
import type { RoomMember, RoomMembers } from '../room-members/index.ts';
import type { EventVisibility } from '../visibility/index.ts';
import type { CountableEvents } from './countable-events.ts';
import { NewestEvents } from './newest-events.ts';
import type { PushRules } from './push-rules.ts';
import type { IgnoredUsersPort } from './unread-counter.ts';
import type { Verdict, Verdicts } from './verdicts.ts';

export interface NotificationsParts {
  readonly database: Database;
  readonly events: Events;
  readonly members: RoomMembers;
  readonly clientEvents: ClientEvents;
  readonly visibility: EventVisibility;
  readonly rules: PushRules;
  readonly positions: ReadPositionCache;
  readonly countable: CountableEvents;
  readonly verdicts: Verdicts;
  readonly ignoredUsers: IgnoredUsersPort;
}

export interface NotificationsQuery {
  readonly from: string | undefined;
  readonly limit: number | undefined;
  readonly highlightsOnly: boolean;
}

const usualLimit = 50;
const largestLimit = 500;
/** Events looked at for one answer; what is behind them comes with the next one. */
const mostLookedAt = 2_000;

/** What users were notified of, found by going back through their rooms. Client-Server API §GET /notifications. */
export class Notifications {
  readonly #parts: NotificationsParts;

  constructor(parts: NotificationsParts) {
    this.#parts = parts;
  }

  /** JSON text of the answer, newest first. */
  async list(requester: Requester, { from, limit = usualLimit, highlightsOnly }: NotificationsQuery): Promise<string> {
    const { database, events, members, rules: allRules, countable, ignoredUsers } = this.#parts;
    const wanted = Math.max(1, Math.min(limit, largestLimit));
    const joined = [...(await members.ofUser(requester.user)).values()].filter(
      (member) => member.membership === 'join',
    );
    const byRoom = new Map(joined.map((member) => [member.room, member]));
    const newest = await NewestEvents.open(database, events, [...byRoom.keys()], parseToken(from));
    const rules = await allRules.of(requester.user);
    const ignored = await ignoredUsers.ignored(requester.user);
    const verdicts = new Map<RoomNid, Verdict>();
    const found: string[] = [];
    let last: StoredEvent | undefined;
    for (let looked = 0; looked < mostLookedAt && found.length < wanted; looked++) {
      const event = await newest.next();
      if (!event) return answer(found, undefined);
      last = event;
      if (event.senderNid === requester.user || event.fields.redactedBy !== undefined) continue;
      const member = byRoom.get(event.room) as RoomMember;
      let verdict = verdicts.get(event.room);
      if (!verdict) verdicts.set(event.room, (verdict = await this.#parts.verdicts.of(member, rules, ignored)));
      const outcome = verdict(await countable.of(event));
      if (!outcome || (highlightsOnly && !outcome.highlight)) continue;
      const text = await this.#show(requester, event, JSON.stringify(outcome.actions));
      if (text !== undefined) found.push(text);
    }
    return answer(found, last?.position);
  }

  /** undefined: the user may not see the event. */
  async #show(requester: Requester, event: StoredEvent, actions: string): Promise<string | undefined> {
    const { visibility, clientEvents, positions, countable } = this.#parts;
    const { user, device } = requester;
    if (!(await visibility.isVisible(event, { user, isJoined: true }))) return undefined;
    const read = await positions.of(user, event.room);
    const { thread, position } = await countable.of(event);
    const isRead = position <= read.unthreaded || position <= (read.threads.get(thread) ?? 0);
    const text = await clientEvents.formatOne(event, { user, device, withRoomId: false });
    return (
      `{"actions":${actions},"event":${text},"read":${isRead},` +
      `"room_id":${JSON.stringify(event.roomId)},"ts":${event.fields.originServerTs}}`
    );
  }
}

function answer(notifications: readonly string[], next: number | undefined): string {
  const token = next === undefined ? '' : `,"next_token":"${next}"`;
  return `{"notifications":[${notifications.join(',')}]${token}}`;
}

/** The position that an answer begins before. */
function parseToken(token: string | undefined): number {
  if (token === undefined || token === '') return Number.MAX_SAFE_INTEGER;
  if (!/^\d{1,15}$/.test(token)) throw new MatrixError('M_INVALID_PARAM', 'That is not a token of this server');
  return Number(token);
}
