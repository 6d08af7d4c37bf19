import type { Reader } from '@myelin/database';
import {
  authEventIds,
  checkAuthEventChoice,
  checkEventAuth,
  createEventIdOfRoom,
  type AuthDecision,
} from '@myelin/protocol';
import { forRules, type Events, type StoredEvent } from '../../events/index.ts';
import type { Names } from '../../names/index.ts';
import type { StateMaps } from '../../state-map/index.ts';
import { valueIn, type ResolutionScope, type StateView } from '../../state-resolution/index.ts';
import type { AuthStates } from '../../timeline/index.ts';
import type { CheckedPdu } from '../incoming-events.ts';

export interface EventJudgeParts {
  readonly names: Names;
  readonly maps: StateMaps;
  readonly events: Events;
  readonly authStates: AuthStates;
}

/** The authorization rules, for events against stored events and states. Server-Server API §5.1, checks 4 to 6. */
export class EventJudge {
  readonly #parts: EventJudgeParts;

  constructor(parts: EventJudgeParts) {
    this.#parts = parts;
  }

  /** Whether the event's own auth events are well chosen and allow it. */
  byAuthEvents(
    { version }: ResolutionScope,
    { pdu }: Pick<CheckedPdu, 'pdu'>,
    authEvents: readonly StoredEvent[],
  ): AuthDecision {
    const choice = checkAuthEventChoice(pdu, authEvents.map(forRules), version);
    if (!choice.allowed) return choice;
    // No two of them have the same key now.
    const { state, levels } = this.#parts.authStates.among(version, authEvents, pdu);
    return checkEventAuth(pdu, state, version, levels);
  }

  async byState(
    { version }: ResolutionScope,
    { pdu }: Pick<CheckedPdu, 'pdu'>,
    view: StateView,
    reader?: Reader,
  ): Promise<AuthDecision> {
    const find = (type: string, stateKey: string): Promise<StoredEvent | undefined> =>
      this.find(view, type, stateKey, reader);
    const { state, levels } = await this.#parts.authStates.loadFrom(version, find, pdu);
    return checkEventAuth(pdu, state, version, levels);
  }

  async find(view: StateView, type: string, stateKey: string, reader?: Reader): Promise<StoredEvent | undefined> {
    const { names, maps, events } = this.#parts;
    const key = await names.findStateKey(type, stateKey, reader);
    const nid = key === undefined ? undefined : await valueIn(view, key, maps, reader);
    return nid === undefined ? undefined : events.get(nid, reader);
  }
}

/** Why an event is rejected, if it is: its format, or the rules. */
export function refusalOf(
  pdu: CheckedPdu,
  decision: { allowed: true } | { allowed: false; reason: string; message: string },
): [code: string, reason: string] | undefined {
  if (pdu.refusal !== undefined) return ['format', pdu.refusal];
  return decision.allowed ? undefined : [decision.reason, decision.message];
}

/** The ids of the events that authorize an event, the create event among them in every room version. */
export function idsOfAuthEvents(
  { version, roomId }: Pick<ResolutionScope, 'version' | 'roomId'>,
  { pdu }: Pick<CheckedPdu, 'pdu'>,
): string[] {
  const ids = new Set(authEventIds(pdu, version));
  if (version.roomIdIsCreateEventId && pdu.type !== 'm.room.create') ids.add(createEventIdOfRoom(roomId));
  return [...ids];
}
