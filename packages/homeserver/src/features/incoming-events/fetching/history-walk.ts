import { prevEventIds, type RoomVersion } from '@myelin/protocol';
import type { CheckedPdu } from '../incoming-events.ts';

/** Another server's history of a room. */
export interface HistorySource {
  /** Those of some events that are here. */
  known(eventIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** At most `limit` events: these, and the ones before them. Empty if the server doesn't tell. */
  before(eventIds: readonly string[], limit: number): Promise<readonly CheckedPdu[]>;
}

/** So many events are asked for at once: servers give no more. */
const atOnce = 100;
/** An answer with fewer of the wanted events than so many isn't worth another question: the rest is asked for by name. */
const fewestFound = 10;
/** So many ends of the history are followed at a time, and so many more remembered. */
const mostEnds = 20;
const mostWaiting = 200;

/**
 * Finds those of the wanted events that lie in the history from one event back. Each answer must bring some of them, so the
 * other server can't make this long; what it tells beside them is left out.
 */
export async function historyOf(
  from: string,
  wanted: ReadonlySet<string>,
  version: RoomVersion,
  source: HistorySource,
): Promise<CheckedPdu[]> {
  const found = new Map<string, CheckedPdu>();
  const seen = new Set<string>();
  let ends = [from];
  while (ends.length > 0 && found.size < wanted.size) {
    const before = found.size;
    const named = new Set<string>();
    const asked = ends.slice(0, mostEnds);
    for (const id of asked) seen.add(id);
    for (const pdu of await source.before(asked, atOnce)) {
      seen.add(pdu.eventId);
      if (wanted.has(pdu.eventId)) found.set(pdu.eventId, pdu);
      for (const id of prevEventIds(pdu.pdu, version)) named.add(id);
    }
    if (found.size - before < fewestFound) break;
    const next = [...ends.slice(mostEnds), ...named].filter((id) => !seen.has(id)).slice(0, mostWaiting);
    const known = await source.known(next);
    ends = next.filter((id) => !known.has(id));
  }
  return [...found.values()];
}
