import { prevEventIds, redactsOf, type Pdu } from '@myelin/protocol';
import { redactionProblems } from './redaction-check.ts';
import { RoomOracle } from './room-oracle.ts';
import { hiddenEventProblems } from './hidden-events.ts';
import { viewOf, type KeptEvent, type ServerView } from './server-view.ts';
import type { FirstSync, WorldUser } from './world-user.ts';

export interface Circumstances {
  /** Each user's first sync. */
  readonly synced: ReadonlyMap<string, FirstSync>;
  /** The users who have said something in the end: others hear by that what their servers know. */
  readonly spoke: ReadonlySet<WorldUser>;
  /** Servers that have the room from one that lies: they may know less, but nothing that the rules refuse. */
  readonly lied: ReadonlySet<string>;
  /** Whether there are servers that lie: then others may have the room from one that was lied to. */
  readonly areLies: boolean;
}

/** How much there was to find out. */
export interface Findings {
  /** Of states that differed. */
  resolutions: number;
  /** Events, at one server or several. */
  refused: number;
  softFailed: number;
}

/**
 * What the servers whose users are in the room in the end have of it, and where they disagree, with each other or with the
 * rules.
 */
export async function compareServers(
  roomId: string,
  users: readonly WorldUser[],
  { synced, spoke, lied, areLies }: Circumstances,
): Promise<{ problems: string[]; transcript: string[]; findings: Findings }> {
  const views: ComparedView[] = [];
  for (const user of users) {
    const view = await viewOf(user, roomId);
    if (view) views.push(compared(view));
  }
  const oracle = oracleOf(roomId, views);
  const deceived = new Set(lied);
  if (areLies) for (const view of views) if (await isMisled(view, oracle)) deceived.add(view.name);
  const problems: string[] = [];
  const own = views.filter(({ name, user }) => !deceived.has(name) && spoke.has(user));
  for (const [i, one] of own.entries()) for (const other of own.slice(i + 1)) problems.push(...differences(one, other));
  for (const { name, history } of views) {
    if (new Set(history.map(({ eventId }) => eventId)).size !== history.length)
      problems.push(`${name} shows an event twice`);
  }
  for (const view of views)
    problems.push(
      ...(await hiddenEventProblems(view, view.grounded, (synced.get(view.user.userId) as FirstSync).shown)),
    );
  for (const view of views) problems.push(...redactionProblems(view, view.grounded, oracle));
  problems.push(...againstTheRules(oracle, views, deceived));
  const transcript = views.map(
    ({ name, state, history }) => `${name} ${state.size} ${history.map(({ eventId }) => eventId).join(' ')}`,
  );
  const idsOf = (isSo: (event: KeptEvent) => boolean): number =>
    new Set(views.flatMap(({ events }) => [...events].filter(([, event]) => isSo(event)).map(([id]) => id))).size;
  const findings = {
    resolutions: oracle?.resolutions ?? 0,
    refused: idsOf(({ isRejected }) => isRejected),
    softFailed: idsOf(({ isSoftFailed }) => isSoftFailed),
  };
  return { problems, transcript, findings };
}

/** A view, with what each comparison asks of it. */
interface ComparedView extends ServerView {
  readonly grounded: ReadonlySet<string>;
  readonly shown: ReadonlyMap<string, string>;
  /** What a server was given when it came in isn't all in its history: it asks for that as far as it needs to. */
  readonly firstEvents: ReadonlySet<string>;
}

function compared(view: ServerView): ComparedView {
  const firstEvents = [...view.events].filter(([, { isOutlier }]) => isOutlier).map(([eventId]) => eventId);
  return {
    ...view,
    grounded: grounded(view),
    shown: new Map(view.history.map(({ eventId, text }) => [eventId, text])),
    firstEvents: new Set(firstEvents),
  };
}

function differences(one: ComparedView, other: ComparedView): string[] {
  const names = `${one.name} and ${other.name}`;
  const problems: string[] = [];
  if (one.joined.has(other.user.userId) && other.joined.has(one.user.userId)) {
    for (const key of new Set([...one.state.keys(), ...other.state.keys()])) {
      const [a, b] = [one.state.get(key), other.state.get(key)];
      if (a !== b) problems.push(`${names} disagree on ${key}: ${a ?? 'nothing'}, ${b ?? 'nothing'}`);
    }
    if (wasThereAllTheTime(one) && wasThereAllTheTime(other))
      problems.push(...hidden(one, other), ...hidden(other, one), ...shownOtherwise(one, other));
  } else problems.push(...notTold(one, other), ...notTold(other, one));
  for (const eventId of one.grounded) {
    if (other.grounded.has(eventId) && one.events.get(eventId)?.isRejected !== other.events.get(eventId)?.isRejected)
      problems.push(`of ${names} one refuses ${eventId}`);
  }
  return problems;
}

/**
 * A server that is out of the room for the others by an event that it knows may think that it is in: how its fork of the
 * room is resolved with the rest is told only to those who are in the room then. But it must know the event.
 */
function notTold(one: ServerView, other: ServerView): string[] {
  const out = other.state.get(`m.room.member|${one.user.userId}`);
  if (other.joined.has(one.user.userId) || out === undefined || one.events.has(out)) return [];
  return [`${one.name} was never told of ${out}, by which it is out of the room for ${other.name}`];
}

/** Whether the user's first join is still what makes them a member: nobody has put them out, nor have they left. */
function wasThereAllTheTime({ user, state, events }: ServerView): boolean {
  const joins = [...events.values()].filter(
    ({ pdu, isOutlier }) => !isOutlier && pdu.type === 'm.room.member' && pdu.state_key === user.userId,
  );
  return joins.length === 1 && state.has(`m.room.member|${user.userId}`);
}

/** Events that the one shows and the other doesn't, without having found them against the current state. */
function hidden(one: ComparedView, other: ComparedView): string[] {
  return one.history
    .map(({ eventId }) => eventId)
    .filter(
      (eventId) =>
        one.grounded.has(eventId) &&
        !other.shown.has(eventId) &&
        !other.firstEvents.has(eventId) &&
        !isHiddenThere(other, eventId, one),
    )
    .map((eventId) => `${one.name} shows ${eventId}, ${other.name} doesn't`);
}

/**
 * Whether it was against the current state there, or takes away what isn't shown there: such a redaction is shown by those
 * alone who have its target, if only for what others rest on it.
 */
function isHiddenThere({ events, shown }: ComparedView, eventId: string, { version }: ServerView): boolean {
  const event = events.get(eventId);
  if (event?.isSoftFailed || event?.pdu.type !== 'm.room.redaction') return event?.isSoftFailed === true;
  return !shown.has(redactsOf(event.pdu, version) ?? '');
}

function shownOtherwise(one: ComparedView, other: ComparedView): string[] {
  const there = other.shown;
  return one.history
    .filter(({ eventId, text }) => there.has(eventId) && there.get(eventId) !== text)
    .filter(({ eventId }) => !isRedactedInDoubt(eventId, one, other))
    .map(({ eventId, text }) => `${one.name} shows ${eventId} as ${text}, ${other.name} as ${there.get(eventId)}`);
}

/** Whether a redaction of the event counts for one of them only, as it came too late for the other. */
function isRedactedInDoubt(eventId: string, ...views: readonly ServerView[]): boolean {
  return views.some(({ events }) =>
    [...events.values()].some(
      ({ pdu, isSoftFailed }) =>
        pdu.type === 'm.room.redaction' && isSoftFailed && (pdu.redacts ?? pdu.content['redacts']) === eventId,
    ),
  );
}

/**
 * The events whose state the server has found out by itself, from that at its own join on. Of those that rest on something
 * older, the state before them is what another server said, maybe a hostile one: that is no more than its word.
 */
function grounded({ user, version, events }: ServerView): ReadonlySet<string> {
  const isEntry = ({ pdu }: KeptEvent): boolean =>
    pdu.type === 'm.room.create' ||
    (pdu.type === 'm.room.member' && pdu.sender === user.userId && pdu.content['membership'] === 'join');
  const verdicts = new Map<string, boolean>();
  const waiting = [...events.keys()];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const event = events.get(id);
    if (verdicts.has(id)) continue;
    if (!event || event.isOutlier || event.isEarlier) verdicts.set(id, false);
    else if (isEntry(event)) verdicts.set(id, true);
    else {
      const before = prevEventIds(event.pdu, version);
      const open = before.filter((each) => !verdicts.has(each));
      if (open.length === 0) verdicts.set(id, before.length > 0 && before.every((each) => verdicts.get(each)));
      else waiting.push(id, ...open);
    }
  }
  return new Set([...verdicts].filter(([, isGrounded]) => isGrounded).map(([id]) => id));
}

/** Judges all that anybody has. */
function oracleOf(roomId: string, views: readonly ServerView[]): RoomOracle | undefined {
  const [first] = views;
  const events = new Map<string, Pdu>();
  for (const view of views) for (const [eventId, { pdu }] of view.events) events.set(eventId, pdu);
  return first && new RoomOracle(first.version, roomId, events);
}

/** Whether what the server was told as the room's state when it came in was another. */
async function isMisled({ events, version, stateAt }: ServerView, oracle?: RoomOracle): Promise<boolean> {
  for (const { isEntry, pdu, stateBefore } of events.values()) {
    const byRules = isEntry ? oracle?.stateAfter(prevEventIds(pdu, version)) : undefined;
    if (!byRules) continue;
    const told = await stateAt(stateBefore);
    if (told.size !== byRules.size || [...byRules].some(([key, eventId]) => told.get(key) !== eventId)) return true;
  }
  return false;
}

/** A liar may let a server in that is shut out. */
function isOwnJoin({ user, events }: ServerView, eventId: string): boolean {
  const pdu = events.get(eventId)?.pdu;
  return pdu?.type === 'm.room.member' && pdu.sender === user.userId && pdu.state_key === user.userId;
}

/** Each verdict, and the state that came of them, must be those of the rules: nobody has power that they don't give. */
function againstTheRules(
  oracle: RoomOracle | undefined,
  views: readonly ComparedView[],
  deceived: ReadonlySet<string>,
): string[] {
  const problems: string[] = [];
  if (!oracle) return problems;
  for (const [eventId, why] of oracle.wronglyAllowed()) problems.push(`the rules let ${eventId} through: ${why}`);
  for (const view of views) {
    const { name, events: kept, ends, state } = view;
    const own = deceived.has(name) ? new Set() : view.grounded;
    for (const [eventId, { pdu, isRejected }] of kept) {
      const byRules = oracle.isRejected(eventId);
      if (own.has(eventId) && byRules !== undefined && byRules !== isRejected)
        problems.push(`${name} ${isRejected ? 'refuses' : 'accepts'} ${pdu.type} ${eventId}, the rules don't`);
    }
    for (const eventId of state.values())
      if (oracle.isRejected(eventId) === true && !(deceived.has(name) && isOwnJoin(view, eventId)))
        problems.push(`${name} has ${eventId} in its state, which the rules refuse`);
    const byRules = ends.every((each) => own.has(each)) ? oracle.stateAfter(ends) : undefined;
    if (!byRules) continue;
    for (const key of new Set([...byRules.keys(), ...state.keys()])) {
      const [a, b] = [state.get(key), byRules.get(key)];
      if (a !== b) problems.push(`${name} has ${a ?? 'nothing'} as ${key}, by the rules it is ${b ?? 'nothing'}`);
    }
  }
  return problems;
}
