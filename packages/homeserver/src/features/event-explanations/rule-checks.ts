import type { AuthDecision, RoomVersion } from '@myelin/protocol';
import type { Events, StoredEvent } from '../events/index.ts';
import { idsOfAuthEvents, type EventJudge } from '../incoming-events/index.ts';
import type { PartialRooms } from '../partial-rooms/index.ts';
import { viewOf, type ResolutionScope } from '../state-resolution/index.ts';
import type { Check, EventExplanation, EventMention } from './explanation.ts';
import { authSection } from './rules.ts';

export interface RuleChecksParts {
  readonly events: Events;
  readonly judge: EventJudge;
  readonly partialRooms: Pick<PartialRooms, 'lackMembers'>;
}

const checksSection = 'Server-Server API §"Checks performed on receipt of a PDU"';

type Facts = Pick<EventExplanation, 'standing' | 'door' | 'refusal' | 'previous'>;

/** The checks by the authorization rules: against the event's auth events, the state before it, the current state. */
export async function ruleChecks(
  scope: ResolutionScope,
  event: StoredEvent,
  facts: Facts,
  { events, judge, partialRooms }: RuleChecksParts,
): Promise<Check[]> {
  const checked = { pdu: event.unredactedPdu };
  const ids = idsOfAuthEvents(scope, checked);
  const known = await events.findMany(ids);
  const missing = ids.filter((id) => !known.has(id));
  const isPlaced = !event.isOutlier;
  const lacksMembers = await partialRooms.lackMembers(scope.room, [event]);
  const check = 'auth-by-auth-events';
  return [
    authEventsKnown(ids.length, missing),
    missing.length > 0
      ? { check, result: 'unknown', says: 'not all of its auth events are known', section: authSection(scope.version) }
      : verdict(check, 'its auth events', judge.byAuthEvents(scope, checked, [...known.values()]), scope.version),
    stateBefore(event, facts.previous, lacksMembers),
    isPlaced
      ? unlessPartial(
          lacksMembers,
          verdict(
            'auth-by-state-before',
            'the state before it',
            await judge.byState(scope, checked, viewOf(event.fields.stateBefore)),
            scope.version,
          ),
        )
      : notMade('auth-by-state-before', authSection(scope.version)),
    currentState(facts),
  ];
}

function authEventsKnown(count: number, missing: readonly string[]): Check {
  const check = { check: 'auth-events', section: `${checksSection} 4` } as const;
  if (missing.length === 0) return { ...check, result: 'passed', says: `all of its ${count} auth events are known` };
  return { ...check, result: 'failed', says: `${missing.length} of its ${count} auth events are missing` };
}

function verdict(
  check: 'auth-by-auth-events' | 'auth-by-state-before',
  by: string,
  decision: AuthDecision,
  version: RoomVersion,
): Check {
  if (decision.allowed)
    return {
      check,
      result: 'passed',
      says: `it is allowed by ${by}`,
      section: authSection(version),
    };
  const { reason, message } = decision;
  return { check, result: 'failed', says: message, reason, section: authSection(version, reason) };
}

function unlessPartial(lacksMembers: boolean, check: Check): Check {
  if (!lacksMembers || check.result === 'passed') return check;
  const { check: name, section } = check;
  const says = "the room's members aren't all known yet: it is judged again when they are";
  return { check: name, result: 'unknown', says, section };
}

function stateBefore(event: StoredEvent, previous: readonly EventMention[], lacksMembers: boolean): Check {
  const section = `${checksSection} 5`;
  if (event.isOutlier) return notMade('state-before', section);
  if (lacksMembers) {
    const says = "found out without the room's members, who aren't all known yet";
    return { check: 'state-before', result: 'unknown', says, section };
  }
  const missing = previous.filter(({ isKnown, standing }) => !isKnown || standing === 'outlier').length;
  const says =
    missing === 0
      ? 'the state after the events before it, all of which are here'
      : `of ${missing} of the ${previous.length} events before it another server told the state`;
  return { check: 'state-before', result: 'passed', says, section };
}

function currentState({ standing, door, refusal }: Facts): Check {
  const check = { check: 'current-state', section: `${checksSection} 6, §"Soft failure"` } as const;
  if (standing === 'soft-failed') {
    const says = `the state that the room had when it came was against it: ${refusal?.says ?? 'why is not kept'}`;
    return { ...check, result: 'failed', says, ...(refusal && { reason: refusal.code }) };
  }
  if (standing === 'rejected')
    return { ...check, result: 'not-made', says: 'an event that is rejected gets no further' };
  if (door === 'made-here')
    return { ...check, result: 'passed', says: 'it was made here, by the state that the room had' };
  if (door === 'history') return { ...check, result: 'not-made', says: 'it is of the time before this server came in' };
  if (standing === 'outlier') return notMade('current-state', `${checksSection} 6`);
  return { ...check, result: 'passed', says: 'the state that the room had when it came allowed it' };
}

function notMade(check: Check['check'], section: string): Check {
  return { check, result: 'not-made', says: 'the event has no place in the room: only its content counts', section };
}
