import { getOwn, type JsonObject } from '../json/value.ts';

/** From the most open to the most closed one (Client-Server API, "Room History Visibility"). */
export const historyVisibilities = ['world_readable', 'shared', 'invited', 'joined'] as const;

export type HistoryVisibility = (typeof historyVisibilities)[number];

/** What the content of an m.room.history_visibility event says; `shared` where there is none or it isn't understood. */
export function historyVisibilityOf(content: JsonObject | undefined): HistoryVisibility {
  const value = content && getOwn(content, 'history_visibility');
  return historyVisibilities.find((known) => known === value) ?? 'shared';
}

/** What decides whether a user sees an event. */
export interface ClientVisibilityFacts {
  /** By the state after the event. */
  readonly visibility: HistoryVisibility;
  /** If the event is an m.room.history_visibility event: the visibility that it replaced. */
  readonly visibilityBefore?: HistoryVisibility | undefined;
  /** The user's membership by the state after the event; undefined: none. */
  readonly membership: string | undefined;
  /** If the event is the user's own m.room.member event. */
  readonly isOwnMembership: boolean;
  /** If the event is the user's own m.room.member event: the membership that it replaced. */
  readonly membershipBefore?: string | undefined;
  /** The user is in the room, or was at some time since the event. */
  readonly joinedSince: boolean;
  /** The event is a state event. */
  readonly isState: boolean;
  readonly senderIgnored: boolean;
  /** The sender asked for their messages to be erased. */
  readonly senderErased: boolean;
  /** The state at the event isn't known (an invite over federation, say). */
  readonly isOutlier: boolean;
}

/** `redacted`: the event in its redacted form. */
export type ClientVisibility = 'visible' | 'redacted' | 'hidden';

/**
 * What a user sees of an event. Ignored users' state events are seen. An erased sender's events are seen whole by those
 * who were in the room then. Outliers are seen only by the user whose membership they are.
 */
export function visibilityForClient(facts: ClientVisibilityFacts): ClientVisibility {
  if (facts.senderIgnored && !facts.isState) return 'hidden';
  if (facts.isOutlier) return facts.isOwnMembership ? 'visible' : 'hidden';
  if (!isOwnLeave(facts)) {
    const membership = facts.isOwnMembership ? mostJoined(facts.membership, facts.membershipBefore) : facts.membership;
    if (membership === 'join') return 'visible';
    if (!isOpenTo(mostOpen(facts), membership, facts.joinedSince)) return 'hidden';
  }
  return facts.senderErased ? 'redacted' : 'visible';
}

function mostOpen({ visibility, visibilityBefore }: ClientVisibilityFacts): HistoryVisibility {
  if (visibilityBefore === undefined) return visibility;
  return historyVisibilities.find((one) => one === visibility || one === visibilityBefore) ?? visibility;
}

function isOpenTo(visibility: HistoryVisibility, membership: string | undefined, joinedSince: boolean): boolean {
  switch (visibility) {
    case 'world_readable':
      return true;
    case 'shared':
      return joinedSince;
    case 'invited':
      return membership === 'invite';
    case 'joined':
      return false;
  }
}

const memberships = ['join', 'invite', 'knock', 'leave', 'ban'];

function mostJoined(after: string | undefined, before: string | undefined): string {
  return memberships.find((one) => one === after || one === before) ?? 'leave';
}

/** Users see that they left, whatever the visibility: else a client would keep showing a room whose invite was rejected. */
function isOwnLeave({ isOwnMembership, membership, membershipBefore }: ClientVisibilityFacts): boolean {
  return (
    isOwnMembership &&
    (membershipBefore === 'join' || membershipBefore === 'invite') &&
    !(membership === 'join' || membership === 'invite' || membership === 'knock' || membership === 'ban')
  );
}

/** What decides whether a server gets an event whole. */
export interface ServerVisibilityFacts {
  /** By the state after the event. */
  readonly visibility: HistoryVisibility;
  /** By the state after the event: the memberships of that server's users; asked for only if needed. */
  memberships(): Iterable<string>;
  readonly senderErased: boolean;
}

/** Whether a server may get an event whole over federation; else it gets the redacted form or none. */
export function isVisibleToServer(facts: ServerVisibilityFacts): boolean {
  if (facts.senderErased) return false;
  const { visibility } = facts;
  if (visibility === 'world_readable' || visibility === 'shared') return true;
  for (const membership of facts.memberships()) {
    if (membership === 'join' || (membership === 'invite' && visibility === 'invited')) return true;
  }
  return false;
}
