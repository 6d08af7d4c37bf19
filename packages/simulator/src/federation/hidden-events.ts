import { prevEventIds } from '@myelin/protocol';
import type { ServerView } from './server-view.ts';

/** What a server shows or builds upon that it should have hidden, and what it hides without a reason. `synced`: the events in its user's first sync. */
export async function hiddenEventProblems(
  view: ServerView,
  grounded: ReadonlySet<string>,
  synced: ReadonlySet<string>,
): Promise<string[]> {
  const { name, user, events, ends, history, head, version } = view;
  const { watch, server } = user.home;
  const problems: string[] = [];
  if (!watch) return problems;
  for (const [eventId, { pdu, isRejected, isSoftFailed, isOutlier }] of events) {
    const why = watch.wronglyShown(eventId);
    if (why !== undefined && !isRejected && !isSoftFailed && !isOutlier)
      problems.push(`${name} shows ${pdu.type} ${eventId} although its state of then was against it: ${why}`);
    if (!isSoftFailed || !grounded.has(eventId)) continue;
    const isWhole = prevEventIds(pdu, version).every((id) => events.get(id)?.isSoftFailed === false);
    if (isWhole && (await watch.isAlwaysAllowed(server.core, head, pdu)))
      problems.push(`${name} hides ${pdu.type} ${eventId}, which its state was never against`);
  }
  const hidden = new Set<string>();
  for (const [eventId, event] of events) if (event.isRejected || event.isSoftFailed) hidden.add(eventId);
  for (const eventId of ends) if (hidden.has(eventId)) problems.push(`${name} has the hidden ${eventId} as an end`);
  for (const { eventId } of history)
    if (hidden.has(eventId)) problems.push(`${name} tells the hidden ${eventId} as part of the history`);
  for (const eventId of hidden) if (synced.has(eventId)) problems.push(`${name} syncs the hidden ${eventId}`);
  return problems;
}
