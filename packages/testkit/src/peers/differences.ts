import { canonicalJson, redactsOf, stateMapKey, type JsonValue, type Pdu } from '@myelin/protocol';
import type { ForkedRoom, StateIds } from './forked-room.ts';
import { sides, type Side } from './peers.ts';

/** What one server makes of a room. */
export interface View {
  /** What a member may read: canonical content by event id. */
  readonly shown: ReadonlyMap<string, string>;
  /** The current state. */
  readonly state: StateIds;
  /** By event, the ids of the state before it, or that there is no telling. */
  readonly befores: ReadonlyMap<string, string>;
}

/** What a member of either server must be shown, and what they mustn't; anything else may be either. */
export interface Expectation {
  mustShow(side: Side, eventId: string): boolean;
  mustHide(side: Side, eventId: string): boolean;
  /** Whether both servers were told the same in the same order, so that they should show the same. */
  readonly isAlike: boolean;
  /** Whether servers may have got events as part of a state before they got them as events. */
  readonly hasGaps: boolean;
}

/** Where the servers disagree with each other or with the rules; each as a line to read. */
export function differences(
  room: ForkedRoom,
  views: Readonly<Record<Side, View>>,
  expectation: Expectation,
  current: StateIds,
): string[] {
  const found: string[] = [];
  const { Myelin: ours, Synapse: theirs } = views;
  for (const id of ours.befores.keys()) {
    const { pdu, rejected, before: state } = room.events.get(id)!;
    const [here, there] = [ours.shown.has(id), theirs.shown.has(id)];
    const isRedaction = pdu.type === 'm.room.redaction';
    if (isRedaction) {
      // Whether a redaction of what another server's user sent is carried out depends on its sender's power: we look at the
      // state before it, Synapse also at the current state, as a side effect of its check for soft failure.
      const isExcused = here && !there && isOfAnotherServer(room, pdu);
      if (expectation.isAlike && here !== there && !isExcused)
        found.push(`${named(room, id)} is shown by ${here ? 'Myelin' : 'Synapse'} only`);
    } else {
      for (const side of sides) {
        const isShown = views[side].shown.has(id);
        if (isShown && expectation.mustHide(side, id)) found.push(`${named(room, id)} is shown by ${side}`);
        if (!isShown && expectation.mustShow(side, id)) found.push(`${named(room, id)} is not shown by ${side}`);
      }
    }
    for (const side of sides) {
      const before = views[side].befores.get(id)!;
      // Synapse knows nothing at all of a redaction that isn't carried out.
      if (side === 'Synapse' && isRedaction && !there && before === 'status 404') continue;
      const right = rejected ? 'status 404' : idsOf(state.values());
      if (side === 'Synapse' && expectation.hasGaps && before === withoutReplaced(room, id)) continue;
      if (before !== right) found.push(`state before ${named(room, id)}: ${beside(room, side, before, right)}`);
    }
    if (here && there && ours.shown.get(id) !== theirs.shown.get(id) && redactionsAgree(room, id, views))
      found.push(`${named(room, id)} reads ${ours.shown.get(id)}, Synapse ${theirs.shown.get(id)}`);
  }
  for (const side of sides) {
    for (const key of new Set([...current.keys(), ...views[side].state.keys()])) {
      const [is, right] = [views[side].state.get(key), current.get(key)];
      if (is !== right) found.push(`current ${key} of ${side}: ${named(room, is)}, and not ${named(room, right)}`);
    }
  }
  return found;
}

/**
 * The state before an event without what it replaces. That is what Synapse says of a state event that it first got as part of
 * a state: it keeps the state after, and what was replaced is noted only where an event first comes as one.
 */
function withoutReplaced(room: ForkedRoom, id: string): string {
  const { pdu, before } = room.events.get(id)!;
  const state = new Map(before);
  if (pdu.state_key !== undefined) state.delete(stateMapKey(pdu.type, pdu.state_key));
  return idsOf(state.values());
}

export function contentOf(content: JsonValue): string {
  return canonicalJson(content, 'lenient');
}

export function idsOf(ids: Iterable<string>): string {
  return [...ids].sort().join(' ');
}

function named(room: ForkedRoom, id: string | undefined): string {
  const event = id === undefined ? undefined : room.events.get(id);
  if (!event) return id ?? 'nothing';
  const target = redactsOf(event.pdu, room.version);
  const redacts = target === undefined ? '' : `, redacts ${named(room, target)}`;
  const refused = event.rejected ? ', refused by the rules' : '';
  return `${id} (${event.pdu.type} of ${event.pdu.sender}${refused}${redacts})`;
}

/**
 * Whether both servers were shown the same redactions of an event. Synapse carries out those too that are soft-failed, so
 * that they are shown to nobody; we don't: what nobody is shown should have no effect that is.
 */
function redactionsAgree(room: ForkedRoom, id: string, { Myelin: ours, Synapse: theirs }: Record<Side, View>): boolean {
  const target = room.events.get(id)!;
  return [...room.events.values()].every((redaction) => {
    if (redactsOf(redaction.pdu, room.version) !== id) return true;
    const [here, there] = [ours.shown.has(redaction.eventId), theirs.shown.has(redaction.eventId)];
    return here === there && (here || !room.redacts(redaction, target));
  });
}

function isOfAnotherServer(room: ForkedRoom, redaction: Pdu): boolean {
  const target = room.events.get(redactsOf(redaction, room.version) ?? '');
  return target !== undefined && room.peerOf(target.pdu.sender) !== room.peerOf(redaction.sender);
}

function beside(room: ForkedRoom, side: Side, is: string, right: string): string {
  if (is.startsWith('status')) return `${side} says ${is}`;
  if (right.startsWith('status')) return `${side} tells it`;
  const [here, there] = [new Set(is.split(' ')), new Set(right.split(' '))];
  const only = (one: Set<string>, other: Set<string>): string =>
    [...one].flatMap((id) => (other.has(id) ? [] : named(room, id))).join(' ') || 'nothing';
  return `${side} has ${only(here, there)} and lacks ${only(there, here)}`;
}
