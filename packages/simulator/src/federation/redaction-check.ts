import { domainOf, redactsOf, type Pdu } from '@myelin/protocol';
import { mayRedactOthers } from './plain-rules.ts';
import type { RoomOracle } from './room-oracle.ts';
import type { KeptEvent, ServerView } from './server-view.ts';

/** Where a server shows an event redacted that nobody had a right to redact, or whole although somebody who had it did. */
export function redactionProblems(
  view: ServerView,
  grounded: ReadonlySet<string>,
  oracle: RoomOracle | undefined,
): string[] {
  const { name, version, events, history } = view;
  const byTarget = new Map<string, [string, KeptEvent][]>();
  for (const [eventId, event] of events) {
    const target = event.pdu.type === 'm.room.redaction' ? redactsOf(event.pdu, version) : undefined;
    if (target !== undefined) byTarget.set(target, [...(byTarget.get(target) ?? []), [eventId, event]]);
  }
  const problems: string[] = [];
  for (const { eventId, isRedacted } of history) {
    const redactions = byTarget.get(eventId) ?? [];
    const target = events.get(eventId)?.pdu;
    // What rests on the word of others isn't judged.
    if (!target || target.type === 'm.room.create' || redactions.some(([id]) => !grounded.has(id))) continue;
    const counts = redactions.map(([id, event]) =>
      isHidden(event) ? false : hasRight(id, event.pdu, target, view, oracle),
    );
    // What its user's reading has brought only now isn't known here.
    if (counts.includes(undefined) || counts.length === 0) continue;
    if (isRedacted !== counts.includes(true))
      problems.push(
        `${name} shows ${eventId} ${isRedacted ? 'redacted by one who may not' : 'whole, though it was redacted'}`,
      );
  }
  return problems;
}

function isHidden({ isRejected, isSoftFailed, isOutlier }: KeptEvent): boolean {
  return isRejected || isSoftFailed || isOutlier;
}

/** Undefined if it can't be told. */
function hasRight(
  eventId: string,
  redaction: Pdu,
  target: Pdu,
  { version }: ServerView,
  oracle: RoomOracle | undefined,
): boolean | undefined {
  // In versions 1 and 2 an event without the right is refused.
  if (version.redactionAuthRule || domainOf(redaction.sender) === domainOf(target.sender)) return true;
  const state = oracle?.stateBefore(eventId);
  return state && mayRedactOthers(redaction.sender, state, version);
}
