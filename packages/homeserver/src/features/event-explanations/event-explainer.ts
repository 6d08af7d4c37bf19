import { prevEventIds, ResolutionBudgetError } from '@myelin/protocol';
import { eventStatus, type Events, type StoredEvent } from '../events/index.ts';
import { EventJudge, idsOfAuthEvents } from '../incoming-events/index.ts';
import type { Names } from '../names/index.ts';
import type { PartialRooms } from '../partial-rooms/index.ts';
import type { KeptKeys } from '../server-keys/index.ts';
import type { StateMaps } from '../state-map/index.ts';
import type { StateResolver } from '../state-resolution/index.ts';
import type { AuthStates, RoomHead, RoomHeads } from '../timeline/index.ts';
import type { Door, EventExplanation, ResolutionAccount } from './explanation.ts';
import { firstChecks } from './first-checks.ts';
import { findMeeting } from './fork-search.ts';
import { mentionOf, mentionsOf, standingOf } from './mentions.ts';
import { ResolutionAccounts } from './resolution-accounts.ts';
import { ruleChecks } from './rule-checks.ts';

export interface EventExplainerParts {
  readonly serverName: string;
  readonly names: Names;
  readonly events: Events;
  readonly maps: StateMaps;
  readonly heads: RoomHeads;
  readonly authStates: AuthStates;
  readonly resolver: StateResolver;
  readonly keys: KeptKeys;
  readonly partialRooms: Pick<PartialRooms, 'lackMembers'>;
}

/**
 * Tells why an event was accepted, refused or soft-failed: what is stored of that, and the checks made again. Reads only.
 * Nothing of events' contents is told.
 */
export class EventExplainer {
  readonly #parts: EventExplainerParts;
  readonly #judge: EventJudge;
  readonly #resolutions: ResolutionAccounts;

  constructor(parts: EventExplainerParts) {
    this.#parts = parts;
    this.#judge = new EventJudge(parts);
    this.#resolutions = new ResolutionAccounts(parts);
  }

  /** Undefined if the server doesn't have the event. */
  async explain(eventId: string): Promise<EventExplanation | undefined> {
    const { events, heads, serverName } = this.#parts;
    const event = await events.find(eventId);
    if (!event) return undefined;
    const head = await heads.find(event.room);
    const { depth, originServerTs, redactedBy } = event.fields;
    const refusal = await events.refusal(event.nid);
    const facts = {
      eventId,
      roomId: event.roomId,
      roomVersion: head?.version.id,
      type: event.type,
      ...(event.stateKey !== undefined && { stateKey: event.stateKey }),
      sender: event.sender,
      origin: event.sender.slice(event.sender.indexOf(':') + 1),
      originServerTs,
      depth,
      standing: standingOf(event),
      door: doorOf(event, serverName),
      ...(event.position !== undefined && { position: event.position }),
      ...(redactedBy !== undefined && { redactedBy: (await events.get(redactedBy)).eventId }),
      ...(refusal && { refusal: await this.#refusal(refusal) }),
    };
    if (!head) return { ...facts, previous: [], authEvents: [], checks: [], resolutions: [] };
    const pdu = event.unredactedPdu;
    const previous = await mentionsOf(prevEventIds(pdu, head.version), events);
    const checks = [
      ...(await firstChecks(event, head.version, this.#parts.keys)),
      ...(await ruleChecks(head, event, { ...facts, previous }, { ...this.#parts, judge: this.#judge })),
    ];
    return {
      ...facts,
      previous,
      authEvents: await mentionsOf(idsOfAuthEvents(head, { pdu }), events),
      checks,
      ...(await this.#current(head, event)),
      ...(await this.#resolutionsOf(head, event)),
    };
  }

  async #refusal({
    code,
    says,
    refusers,
  }: NonNullable<Awaited<ReturnType<Events['refusal']>>>): Promise<NonNullable<EventExplanation['refusal']>> {
    if (refusers.length === 0) return { code, says };
    const known = await this.#parts.events.getMany(refusers);
    return { code, says, by: [...known.values()].map(mentionOf) };
  }

  async #current(head: RoomHead, event: StoredEvent): Promise<Pick<EventExplanation, 'current'>> {
    const { maps, events } = this.#parts;
    const key = event.fields.stateKeyNid;
    if (key === undefined) return {};
    const nid = await maps.get(head.state, key);
    if (nid === event.nid) return { current: { isInState: true } };
    return { current: { isInState: false, ...(nid !== undefined && { event: mentionOf(await events.get(nid)) }) } };
  }

  async #resolutionsOf(
    head: RoomHead,
    event: StoredEvent,
  ): Promise<Pick<EventExplanation, 'resolutions' | 'notResolved'>> {
    try {
      return { resolutions: await this.#resolutionsAround(head, event) };
    } catch (error) {
      if (!(error instanceof ResolutionBudgetError)) throw error;
      return { resolutions: [], notResolved: `the ${error.message}` };
    }
  }

  async #resolutionsAround(head: RoomHead, event: StoredEvent): Promise<ResolutionAccount[]> {
    if (event.isOutlier) return [];
    const { events } = this.#parts;
    const found: (ResolutionAccount | undefined)[] = [];
    const known = await events.findMany(prevEventIds(event.pdu, head.version));
    const before = [...known.values()].filter((each) => !each.isOutlier);
    if (before.length > 1) found.push(await this.#resolutions.of(head, before, event, { where: 'before-event' }));
    const counts = event.isState && !event.isRejected && !event.isSoftFailed;
    const meeting = counts ? await findMeeting(head, event, this.#parts) : undefined;
    if (meeting) {
      const where = meeting.at
        ? ({ where: 'at-event', at: mentionOf(meeting.at) } as const)
        : ({ where: 'now' } as const);
      found.push(await this.#resolutions.of(head, meeting.branches, event, where));
    }
    return found.filter((account) => account !== undefined);
  }
}

function doorOf(event: StoredEvent, serverName: string): Door {
  if ((event.fields.status & eventStatus.unchecked) !== 0) return 'out-of-band';
  if (event.isOutlier) return 'state-or-auth-chain';
  if (event.position !== undefined && event.position < 0) return 'history';
  return event.sender.endsWith(`:${serverName}`) ? 'made-here' : 'received';
}
