import { MatrixError } from '@myelin/api';
import type { ClientEvents } from '../client-events/index.ts';
import type { Events, StoredEvent, TimelinePoint } from '../events/index.ts';
import type { RoomNid, UserNid } from '../names/index.ts';
import type { RoomMember } from '../room-members/index.ts';
import { emptyState, type StateRoot } from '../state-map/index.ts';
import { pointToken, type RoomHeads, type RoomStates } from '../timeline/index.ts';
import type { RoomStateDeltas } from './room-state-delta.ts';
import type { RoomSummaries } from './room-summary.ts';
import type { RoomTimelines, TimelineSpan } from './room-timeline.ts';
import type { SyncSources } from './sources.ts';
import type { SyncRequest } from './sync-request.ts';

export interface RoomSectionParts {
  readonly events: Events;
  readonly states: RoomStates;
  readonly heads: RoomHeads;
  readonly clientEvents: ClientEvents;
  readonly timelines: RoomTimelines;
  readonly deltas: RoomStateDeltas;
  readonly summaries: RoomSummaries;
  readonly sources: SyncSources;
}

/** What besides events belongs into a room's section, as JSON texts. */
export interface RoomExtras {
  readonly receipts: string | undefined;
  readonly typing: string | undefined;
  readonly accountData: readonly string[];
}

const nothingRead: TimelineSpan = {
  events: [],
  limited: false,
  first: undefined,
  last: undefined,
  inGraphOrder: false,
};

/** Puts the sections of single rooms together. Client-Server API §GET /sync. */
export class RoomSections {
  readonly #parts: RoomSectionParts;

  constructor(parts: RoomSectionParts) {
    this.#parts = parts;
  }

  /** `rooms.join[roomId]`; undefined if there is nothing to tell. `hasEvents`: the room may have events in the span. */
  async joined(
    request: SyncRequest,
    member: RoomMember,
    hasEvents: boolean,
    extras: RoomExtras,
  ): Promise<string | undefined> {
    const { timelines, events, heads } = this.#parts;
    const { room } = member;
    const head = await heads.find(room);
    if (!head) throw new Error(`Room ${room} has no head`);
    const isNew = request.partial.isFirstShown(room) || (await this.#isNewlyJoined(request, member));
    const isInitial = request.since === 0 || isNew;
    const since = isInitial ? 0 : request.since;
    const viewer = { user: request.requester.user, isJoined: true, ignored: request.ignored };
    const { upTo, filter } = request;
    const read =
      isInitial || hasEvents ? await timelines.shown(room, since, upTo, filter.timeline, viewer) : nothingRead;
    // A client that comes into a room has nothing that the timeline could go on from: that is a gap, as Synapse tells it.
    const span = isNew && request.since > 0 ? { ...read, limited: true } : read;
    const end = await events.timeline.pointAt(room, request.upTo);
    const atEnd = end?.state ?? head.state;
    const full = request.fullState || isInitial;
    const known = full ? emptyState : ((await request.partial.shownBefore(room)) ?? (await this.#stateAt(room, since)));
    const membersChanged = full || (await this.#membersChanged(known, atEnd));
    const summary = membersChanged
      ? await this.#parts.summaries.summary(room, atEnd, request.requester.user)
      : undefined;
    const timelineAndState = await this.#timelineAndState(
      request,
      room,
      span,
      { known, atEnd, full, wanted: summary?.heroes ?? [] },
      end,
    );
    const ephemeral = this.#ephemeral(request, member, extras);
    const accountData = extras.accountData.filter((text) => text !== '');
    const isEmpty =
      span.events.length === 0 &&
      !span.limited &&
      timelineAndState.stateCount === 0 &&
      ephemeral.length === 0 &&
      accountData.length === 0 &&
      !request.partial.isCompleted(room);
    if (isEmpty && !isInitial && !request.fullState) return undefined;
    const unread = await this.#unread(request, room);
    return (
      `{${timelineAndState.text},"ephemeral":{"events":[${ephemeral.join(',')}]},"account_data":{"events":[${accountData.join(',')}]},` +
      `${unread},"summary":${summary?.text ?? '{}'}}`
    );
  }

  /** `rooms.leave[roomId]`: what happened until the user left, and nothing after it. */
  async left(request: SyncRequest, member: RoomMember, accountData: readonly string[]): Promise<string | undefined> {
    const { events, states, timelines } = this.#parts;
    const leave = await events.get(member.event);
    // A room that this server isn't in: there is nothing but how the invite or the knock ended.
    if (leave.isOutlier || leave.position === undefined) {
      const text = (await this.#format(request, [leave])).join(',');
      return `{"timeline":{"events":[${text}],"limited":false},"state":{"events":[]},"account_data":{"events":[]}}`;
    }
    const wasIn = (await states.membership(leave.fields.stateBefore, request.requester.user)) === 'join';
    const since = request.since;
    const viewer = { user: request.requester.user, isJoined: false, leftAt: member.position, ignored: request.ignored };
    const upTo = Math.min(request.upTo, member.position);
    // Somebody who declined an invite sees their leaving only.
    const filter = request.filter.timeline;
    const span = wasIn
      ? await timelines.shown(member.room, since, upTo, filter, viewer)
      : { events: [leave], limited: false, first: leave, last: leave, inGraphOrder: false };
    const full = since === 0 || request.fullState;
    const known = full ? emptyState : wasIn ? await this.#stateAt(member.room, since) : leave.fields.stateBefore;
    if (!wasIn && full) {
      const text = (await this.#format(request, [leave])).join(',');
      return `{"timeline":{"events":[${text}],"limited":false,"prev_batch":${JSON.stringify(tokenBefore(leave))}},"state":{"events":[]},"account_data":{"events":[]}}`;
    }
    const { text } = await this.#timelineAndState(request, member.room, span, {
      known,
      atEnd: leave.fields.stateAfter,
      full,
      wanted: [],
    });
    return `{${text},"account_data":{"events":[${accountData.join(',')}]}}`;
  }

  /** `rooms.invite[roomId]` and `rooms.knock[roomId]`: the room in outlines, as stripped state. */
  async outline(
    request: SyncRequest,
    member: RoomMember,
    key: 'invite_state' | 'knock_state',
    strippedState: readonly string[],
  ): Promise<string> {
    const event = await this.#parts.events.get(member.event);
    const own =
      key === 'invite_state'
        ? await this.#parts.clientEvents.formatOne(event, {
            user: request.requester.user,
            device: undefined,
            withRoomId: false,
          })
        : await this.#parts.clientEvents.stripped(event);
    return `{"${key}":{"events":[${[...strippedState, own].join(',')}]}}`;
  }

  async #timelineAndState(
    request: SyncRequest,
    room: RoomNid,
    span: TimelineSpan,
    state: { known: StateRoot; atEnd: StateRoot; full: boolean; wanted: readonly UserNid[] },
    end?: TimelinePoint,
  ): Promise<{ text: string; stateCount: number }> {
    const { deltas, sources } = this.#parts;
    const { requester, filter, stateAfter } = request;
    const delta = await deltas.delta(
      {
        ...state,
        atStart: span.first?.fields.stateBefore ?? state.atEnd,
        timeline: span.events,
        after: stateAfter !== undefined,
        filter,
        reader: requester.user,
        completed: request.partial.isCompleted(room),
      },
      request.lazyMembers(room),
    );
    const bundles = await sources.relations.bundles(span.events, requester.user, requester.device);
    const timeline = await this.#format(request, span.events, bundles);
    const stateTexts = await this.#format(request, delta);
    const prevBatch = await this.#prevBatch(span, end);
    const stateKey = stateAfter ?? 'state';
    const text =
      `"timeline":{"events":[${timeline.join(',')}],"limited":${span.limited}${prevBatch === undefined ? '' : `,"prev_batch":${JSON.stringify(prevBatch)}`}},` +
      `"${stateKey}":{"events":[${stateTexts.join(',')}]}`;
    return { text, stateCount: delta.length };
  }

  /** From where going back through the room's graph brings what the client isn't shown. */
  async #prevBatch({ first, last, inGraphOrder }: TimelineSpan, end?: TimelinePoint): Promise<string | undefined> {
    if (first) return inGraphOrder ? tokenBefore(first) : this.#tokenBefore(first);
    // Nothing is shown of what was read.
    if (inGraphOrder && last) return pointToken({ depth: last.fields.depth, position: last.position ?? 0 });
    return end && pointToken(end);
  }

  /** Behind all that came before the event: where the room has forked, some of it may be deeper. */
  async #tokenBefore({ room, position = 0, fields: { depth } }: StoredEvent): Promise<string> {
    const point = { depth, position: position - 1 };
    const deepest = await this.#parts.events.timeline.deepestBefore(room, position, point);
    return pointToken(deepest ? { ...deepest, seenFrom: position } : point);
  }

  async #format(
    request: SyncRequest,
    events: readonly StoredEvent[],
    relations?: ReadonlyMap<StoredEvent['nid'], string>,
  ): Promise<string[]> {
    const { requester, filter } = request;
    const options = {
      user: requester.user,
      device: requester.device,
      withRoomId: false,
      federationFormat: filter.eventFormat === 'federation',
      ...(relations ? { relations } : {}),
    };
    const texts = await this.#parts.clientEvents.format(events, options);
    const pick = filter.eventFields;
    return pick ? texts.map((text) => JSON.stringify(pick(JSON.parse(text) as never))) : texts;
  }

  /** Whether the user came into the room after `since`. */
  async #isNewlyJoined(request: SyncRequest, member: RoomMember): Promise<boolean> {
    if (member.position <= request.since) return false;
    const before = await this.#stateAt(member.room, request.since);
    return (await this.#parts.states.membership(before, request.requester.user)) !== 'join';
  }

  /** The room's state at a position; the empty state before the room began. */
  async #stateAt(room: RoomNid, position: number): Promise<StateRoot> {
    return (await this.#parts.events.timeline.pointAt(room, position))?.state ?? emptyState;
  }

  async #membersChanged(before: StateRoot, after: StateRoot): Promise<boolean> {
    if (before === after) return false;
    const differences = await this.#parts.states.diff(before, after);
    return differences.some(({ key }) => key % 2 === 0);
  }

  #ephemeral(request: SyncRequest, member: RoomMember, extras: RoomExtras): string[] {
    const { ephemeral } = request.filter;
    const out: string[] = [];
    if (extras.typing !== undefined && ephemeral.allows({ type: 'm.typing' })) out.push(extras.typing);
    if (extras.receipts !== undefined && ephemeral.allows({ type: 'm.receipt' })) out.push(extras.receipts);
    return member.membership === 'join' ? out : [];
  }

  async #unread(request: SyncRequest, room: RoomNid): Promise<string> {
    const byThread = request.filter.unreadThreadNotifications;
    const { main, threads } = await this.#parts.sources.unread.counts(
      request.requester.user,
      room,
      request.upTo,
      byThread,
    );
    const texts = [...threads].map(
      ([root, counts]) =>
        `${JSON.stringify(root)}:{"highlight_count":${counts.highlights},"notification_count":${counts.notifications}}`,
    );
    const own = `"unread_notifications":{"highlight_count":${main.highlights},"notification_count":${main.notifications}}`;
    return texts.length > 0 ? `${own},"unread_thread_notifications":{${texts.join(',')}}` : own;
  }
}

function tokenBefore(event: StoredEvent): string {
  if (event.position === undefined) throw new MatrixError('M_UNKNOWN', 'The event has no place in the timeline');
  return pointToken({ depth: event.fields.depth, position: event.position - 1 });
}
