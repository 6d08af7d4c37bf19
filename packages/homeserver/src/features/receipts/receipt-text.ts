import type { UserNid } from '../names/index.ts';
import type { Receipt } from './receipt.ts';

/**
 * One m.receipt event of a room's receipts, as JSON text. Where a user has a threaded and an unthreaded receipt for the
 * same event, which the format can't hold both, the unthreaded one is told (MSC4102).
 */
export function receiptEvent(receipts: readonly Receipt[], userIds: ReadonlyMap<UserNid, string>): string {
  const byEvent = new Map<string, Map<string, Map<UserNid, Receipt>>>();
  for (const receipt of receipts) {
    const byType = getOrMake(byEvent, receipt.eventId, () => new Map<string, Map<UserNid, Receipt>>());
    const byUser = getOrMake(byType, receipt.type, () => new Map<UserNid, Receipt>());
    if (receipt.thread === undefined || !byUser.has(receipt.user)) byUser.set(receipt.user, receipt);
  }
  const events = members(byEvent, (byType) =>
    members(byType, (byUser) =>
      members(new Map([...byUser].map(([user, receipt]) => [userIds.get(user) as string, receipt])), dataText),
    ),
  );
  return `{"type":"m.receipt","content":${events}}`;
}

function dataText({ ts, thread }: Receipt): string {
  return thread === undefined ? `{"ts":${ts}}` : `{"ts":${ts},"thread_id":${JSON.stringify(thread)}}`;
}

function members<V>(map: ReadonlyMap<string, V>, text: (value: V) => string): string {
  return `{${[...map].map(([key, value]) => `${JSON.stringify(key)}:${text(value)}`).join(',')}}`;
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
