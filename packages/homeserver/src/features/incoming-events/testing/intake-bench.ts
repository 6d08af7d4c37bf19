import { Readable } from 'node:stream';
import { federation, type Endpoint } from '@myelin/api';
import type { Database } from '@myelin/database';
import { authEventIds, prevEventIds, stateMapKey, type Pdu } from '@myelin/protocol';
import { systemRuntime, type Runtime } from '@myelin/runtime';
import { testConfig } from '../../../config/index.ts';
import { createCore, type Core } from '../../../core.ts';
import { silentLog } from '../../../observability/log.ts';
import type { StoredEvent } from '../../events/index.ts';
import { FederationError, type FederationClient } from '../../federation-client/index.ts';
import type { RoomNid } from '../../names/index.ts';
import type { RoomHead } from '../../timeline/index.ts';
import { EventIntake } from '../event-intake.ts';
import type { CheckedPdu, Verdict } from '../incoming-events.ts';
import type { MadeEvent, OtherRoom } from './other-room.ts';

/** A server under test that only takes events in; what it asks others for comes from an `OtherRoom`. */
export class IntakeBench {
  readonly core: Core;
  readonly intake: EventIntake;
  readonly room: OtherRoom;
  /** The ids of operations that others were asked for. */
  readonly asked: string[] = [];
  /** The ids of operations that others refuse. */
  readonly refused = new Set<string>();
  /** How many events were soft-failed. */
  softFailed = 0;
  /** Operations whose answers get lost. */
  readonly lost = new Set<string>();
  /** Servers that don't answer. */
  readonly silent = new Set<string>();
  /** Events that others don't tell. */
  readonly hidden = new Set<string>();
  /** What get_missing_events answers, if it isn't the truth. */
  missingAnswer: readonly Pdu[] | undefined;
  /** The ids that state_ids answers, if they aren't the truth. */
  stateAnswer: readonly string[] | undefined;
  /** The servers that answer so; all of them if it isn't said. */
  liars: ReadonlySet<string> | undefined;

  constructor(core: Core, room: OtherRoom) {
    this.core = core;
    this.room = room;
    const { runtime, members } = core;
    const client = {
      call: (to: string, endpoint: Endpoint, input: never) => this.#answer(to, endpoint, input),
      stream: async (to: string, endpoint: Endpoint, input: never) => {
        const text = JSON.stringify(await this.#answer(to, endpoint, input));
        return { status: 200, headers: {}, body: Readable.from([Buffer.from(text)]) };
      },
    };
    this.intake = new EventIntake({
      ...core,
      clock: runtime.clock,
      timers: runtime.timers,
      random: runtime.random,
      log: silentLog,
      keyRing: room.servers,
      client: client as unknown as FederationClient,
      onSoftFailed: () => void this.softFailed++,
      isInRoom: async (nid) => {
        const ids = await core.names.userIds(await members.joinedUsers(nid));
        return [...ids.values()].some((id) => id.endsWith(':test'));
      },
    });
  }

  static async open(database: Database, runtime: Runtime = systemRuntime): Promise<Core> {
    return createCore(testConfig(), runtime, database);
  }

  /** Enters the room by a join event, with the state before it, or without its members. */
  async enter(join: MadeEvent, { isPartial = false } = {}): Promise<StoredEvent> {
    const { room, intake } = this;
    const before = room.stateAfterAll(prevEventIds(join.pdu, room.version).map((id) => room.get(id)));
    const told = [...before].filter(([, id]) => !isPartial || room.get(id).pdu.type !== 'm.room.member');
    const { state, authChain } = room.withAuthChain(new Map(told));
    const check = (pdus: readonly Pdu[]): Promise<CheckedPdu[]> => intake.check(room.version, room.roomId, pdus);
    const [checked] = await check([join.pdu]);
    return intake.enterRoom({
      origin: 'a.test',
      version: room.version,
      roomId: room.roomId,
      join: checked!,
      state: await intake.check(room.version, room.roomId, state, prevEventIds(join.pdu, room.version)),
      authChain: await check(authChain),
      ...(isPartial && { partial: { servers: ['a.test'] } }),
    });
  }

  async check(event: Pick<MadeEvent, 'pdu'>): Promise<CheckedPdu> {
    const [checked] = await this.intake.check(this.room.version, this.room.roomId, [event.pdu]);
    if (!checked) throw new Error('The event did not pass the first checks');
    return checked;
  }

  async receive(event: MadeEvent): Promise<Verdict> {
    return (await this.intake.receive('a.test', this.room.roomId, await this.check(event))).verdict;
  }

  async nid(): Promise<RoomNid> {
    return (await this.core.names.findRoom(this.room.roomId)) as RoomNid;
  }

  async head(): Promise<RoomHead> {
    return this.core.timeline.head(await this.nid());
  }

  /** The current state as ids by `stateMapKey`. */
  async state(): Promise<Map<string, string>> {
    const events = await this.core.states.all((await this.head()).state);
    return new Map(events.map((event) => [stateMapKey(event.type, event.stateKey ?? ''), event.eventId]));
  }

  /** What the current state must be by the plain algorithm over the states at the room's ends. */
  async plainState(): Promise<Map<string, string>> {
    const { extremities } = await this.head();
    return new Map(this.room.stateAfterAll(extremities.map(({ eventId }) => this.room.get(eventId))));
  }

  /** The timeline as ids, in the order in which it came. */
  async timeline(): Promise<string[]> {
    const events = await this.core.events.timeline.oldestByPosition(await this.nid(), -1_000_000, 1e15, 1_000);
    return events.map((event) => event.eventId);
  }

  async #answer(
    to: string,
    endpoint: Endpoint,
    input: { params: Record<string, string>; query?: Record<string, string>; body?: Record<string, unknown> },
  ): Promise<unknown> {
    const operation = endpoint.id.replace('federation.', '');
    this.asked.push(operation);
    if (this.silent.has(to)) throw new FederationError('unreachable', to, 'no');
    if (this.lost.has(operation)) throw new FederationError('unreachable', to, 'no');
    if (this.refused.has(operation)) throw new FederationError('refused', 'a.test', 'no', { status: 404 });
    const { room } = this;
    switch (endpoint.id) {
      case federation.getEvent.id: {
        const event = this.#tell(input.params['eventId'] as string);
        return { origin: 'a.test', origin_server_ts: 1, pdus: [event.pdu] };
      }
      case federation.getEventAuth.id: {
        const event = this.#tell(input.params['eventId'] as string);
        const state = new Map(authEventIds(event.pdu, room.version).map((id) => [id, id]));
        const { state: direct, authChain } = room.withAuthChain(state);
        return { auth_chain: [...direct, ...authChain].filter((pdu) => !this.#isHidden(pdu)) };
      }
      case federation.getMissingPreviousEvents.id:
        return {
          events:
            this.missingAnswer ??
            this.#missing(input.body as { earliest_events: string[]; latest_events: string[]; min_depth: number }),
        };
      case federation.backfillRoom.id: {
        const { v, limit } = input.query as unknown as { v: string[]; limit: number };
        const seen = new Set(v);
        for (const id of seen)
          for (const before of prevEventIds(this.room.get(id).pdu, room.version))
            if (seen.size < limit) seen.add(before);
        return { origin: 'a.test', origin_server_ts: 1, pdus: [...seen].map((id) => this.#tell(id).pdu) };
      }
      case federation.getRoomStateIds.id: {
        if (this.stateAnswer && this.liars?.has(to) !== false) return { pdu_ids: this.stateAnswer, auth_chain_ids: [] };
        const { state, authChain } = this.#stateBefore(input.query as { event_id: string });
        const ids = (pdus: readonly Pdu[]): string[] =>
          [...room.events.values()].filter((each) => pdus.includes(each.pdu)).map((each) => each.eventId);
        return { pdu_ids: ids(state), auth_chain_ids: ids(authChain) };
      }
      case federation.getRoomState.id: {
        const { state, authChain } = this.#stateBefore(input.query as { event_id: string });
        return { pdus: state, auth_chain: authChain };
      }
      default:
        throw new FederationError('refused', 'a.test', 'no', { status: 404 });
    }
  }

  #stateBefore({ event_id: id }: { event_id: string }): { state: Pdu[]; authChain: Pdu[] } {
    const { room } = this;
    const event = this.#tell(id);
    return room.withAuthChain(room.stateAfterAll(prevEventIds(event.pdu, room.version).map((each) => room.get(each))));
  }

  #missing({
    earliest_events: earliest,
    latest_events: latest,
    min_depth: depth,
  }: {
    earliest_events: string[];
    latest_events: string[];
    min_depth: number;
  }): Pdu[] {
    const { room } = this;
    const found = new Set<string>();
    const seen = new Set(latest);
    for (const id of seen) {
      if (earliest.includes(id) || (room.get(id).pdu.depth < depth && !latest.includes(id))) continue;
      if (!latest.includes(id) && !this.hidden.has(id)) found.add(id);
      for (const before of prevEventIds(room.get(id).pdu, room.version)) seen.add(before);
    }
    return [...found].slice(0, 20).map((id) => room.get(id).pdu);
  }

  #tell(eventId: string): MadeEvent {
    const event = this.room.events.get(eventId);
    if (!event || this.hidden.has(eventId)) throw new FederationError('refused', 'a.test', 'no', { status: 404 });
    return event;
  }

  #isHidden(pdu: Pdu): boolean {
    return [...this.hidden].some((id) => this.room.get(id).pdu === pdu);
  }
}
