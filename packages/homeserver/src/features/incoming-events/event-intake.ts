import { MatrixError } from '@myelin/api';
import type { Database } from '@myelin/database';
import { domainOf, type RoomVersion } from '@myelin/protocol';
import { Breather, type Clock, type Random, type Timers } from '@myelin/runtime';
import type { Log } from '../../observability/log.ts';
import { KeyedSlots } from '../../queues/index.ts';
import type { AuthGraph } from '../auth-graph/index.ts';
import type { Events, StoredEvent } from '../events/index.ts';
import type { FederationClient } from '../federation-client/index.ts';
import type { Names, RoomNid } from '../names/index.ts';
import type { PartialRooms } from '../partial-rooms/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { Recommending } from '../policy-servers/index.ts';
import type { JoinedServers } from '../room-servers/index.ts';
import type { KeyRing } from '../server-keys/index.ts';
import type { StateMaps, StateRoot } from '../state-map/index.ts';
import type { StateResolver } from '../state-resolution/index.ts';
import type { Streams } from '../streams/index.ts';
import type {
  AuthStates,
  EventPlacer,
  HistoryGaps,
  Revisions,
  RoomHead,
  RoomHeads,
  RoomWriters,
  Timeline,
} from '../timeline/index.ts';
import { EventChecker, type Examined } from './checking/event-checker.ts';
import { EventJudge } from './checking/event-judge.ts';
import { EventNamer } from './checking/event-namer.ts';
import { asRefusal, EventReceiver, type Received, type WriteOptions } from './placing/event-receiver.ts';
import { ExtremityFolder } from './extremity-folder.ts';
import { FetchBudget } from './fetching/fetch-budget.ts';
import { FollowedEnds } from './mending/followed-ends.ts';
import { Forecasts } from './placing/forecasts.ts';
import { HiddenAllowances } from './fetching/hidden-allowances.ts';
import { GapFiller } from './gap-filler.ts';
import { HistoryIntake } from './history-intake.ts';
import type { CheckedPdu, IncomingEvents, RoomEntry } from './incoming-events.ts';
import { LateProofs } from './mending/late-proofs.ts';
import { MissingEventsError } from './missing-events-error.ts';
import { OutOfBandEvents } from './out-of-band-events.ts';
import { Outliers } from './fetching/outliers.ts';
import { ReturnedEnds } from './mending/returned-ends.ts';
import { RoomCompletion } from './mending/room-completion.ts';
import { RoomEntrance } from './room-entrance.ts';
import { RoomFetcher } from './fetching/room-fetcher.ts';
import { StateMender } from './mending/state-mender.ts';
import { StateReader } from './fetching/state-reader.ts';
import { StatesBefore } from './placing/states-before.ts';
import { WaitingEnds } from './placing/waiting-ends.ts';
import { UnprovenEvents } from './checking/unproven-events.ts';

export interface EventIntakeParts extends Recommending {
  readonly serverName: string;
  readonly database: Database;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  /** Whether heavy work may go to other threads. */
  readonly threads?: boolean | undefined;
  readonly log: Log;
  readonly names: Names;
  readonly events: Events;
  readonly maps: StateMaps;
  readonly graph: AuthGraph;
  readonly resolver: StateResolver;
  readonly authStates: AuthStates;
  readonly heads: RoomHeads;
  readonly writers: RoomWriters;
  readonly historyGaps: HistoryGaps;
  readonly placer: EventPlacer;
  readonly timeline: Timeline;
  readonly members: RoomMembers;
  readonly partialRooms: PartialRooms;
  readonly revisions: Revisions;
  readonly roomServers: Pick<JoinedServers, 'assume' | 'endAssuming' | 'isInRoom' | 'inRoom'>;
  readonly streams: Streams;
  /** Whether this server has users in a room. */
  readonly isInRoom: (room: RoomNid) => Promise<boolean>;
  readonly keyRing: KeyRing;
  readonly client: FederationClient;
  readonly onSoftFailed?: () => void;
}

/** So many jobs wait for one room; more are refused. */
const mostWaiting = 1_000;

/** The one way in for events that other servers made. Server-Server API §"Checks performed on receipt of a PDU". */
export class EventIntake implements IncomingEvents {
  readonly #parts: EventIntakeParts;
  /** By room. */
  readonly #queues = new KeyedSlots({ atOnce: 1, mostWaiting, refusal: tooMany });
  readonly #checker: EventChecker;
  readonly #gaps: GapFiller;
  readonly #statesBefore: StatesBefore;
  readonly #receiver: EventReceiver;
  readonly #waitingEnds: WaitingEnds;
  readonly #entrance: RoomEntrance;
  readonly #completion: RoomCompletion;
  readonly #history: HistoryIntake;
  readonly #folder: ExtremityFolder;
  readonly #ends: FollowedEnds;
  readonly #returned: ReturnedEnds;
  readonly #outOfBand: OutOfBandEvents;
  readonly #mender: StateMender;
  readonly #proofs: LateProofs;

  constructor(given: EventIntakeParts) {
    const { database, clock, timers, names, historyGaps: gaps } = given;
    const breathe = (): Breather => new Breather(clock, timers);
    const parts = { ...given, hidden: new HiddenAllowances(given), breathe };
    this.#parts = parts;
    const judge = new EventJudge(parts);
    const namer = new EventNamer(database, names);
    const unproven = new UnprovenEvents(parts);
    const checker = new EventChecker({ ...parts, unproven });
    const outliers = new Outliers({ ...parts, judge, namer, unproven });
    const stateReader = new StateReader({ ...parts, checker, outliers });
    const fetcher = new RoomFetcher({ ...parts, checker, outliers, stateReader, unproven });
    const statesBefore = new StatesBefore({ ...parts, fetcher, outliers, unproven });
    const waitingEnds = new WaitingEnds(parts);
    const forecasts = new Forecasts({ ...parts, judge, gaps, statesBefore, waitingEnds });
    const placing = { statesBefore, forecasts, waitingEnds };
    const receiver = new EventReceiver({ ...parts, ...placing, gaps, judge, namer, fetcher });
    this.#waitingEnds = waitingEnds;
    this.#checker = checker;
    this.#statesBefore = statesBefore;
    this.#outOfBand = new OutOfBandEvents({ ...parts, namer });
    this.#receiver = receiver;
    this.#entrance = new RoomEntrance({ ...parts, gaps, judge, namer, outliers, unproven, servers: parts.roomServers });
    this.#completion = new RoomCompletion({ ...parts, judge, statesBefore });
    this.#mender = new StateMender({ ...parts, judge });
    this.#history = new HistoryIntake({ ...parts, gaps, receiver, mender: this.#mender });
    this.#gaps = new GapFiller({
      ...parts,
      fetcher,
      statesBefore,
      receiver,
      history: this.#history,
      take: (...event) => this.#take(...event, { mayWait: true }),
    });
    this.#folder = new ExtremityFolder(parts);
    this.#ends = new FollowedEnds(parts);
    this.#returned = new ReturnedEnds(parts);
    this.#proofs = new LateProofs({ ...parts, checker, outliers, unproven, mender: this.#mender });
  }

  /** Begins to try those again that couldn't be checked when they came. */
  start(): void {
    this.#proofs.start((roomId, work) =>
      this.#queues.run(roomId, async () => {
        await work(await this.#headOf(roomId));
      }),
    );
    this.#waitingEnds.start((roomId, work) => this.#queues.run(roomId, work));
  }

  async stop(): Promise<void> {
    await Promise.all([this.#proofs.stop(), this.#folder.stop(), this.#waitingEnds.stop()]);
  }

  /** Tries those that are due. */
  tryAgain(): Promise<void> {
    return this.#proofs.round();
  }

  check(
    version: RoomVersion,
    roomId: string,
    pdus: readonly unknown[],
    toldAfter?: readonly string[],
  ): Promise<CheckedPdu[]> {
    return this.#checker.check(version, roomId, pdus, toldAfter);
  }

  /** As `check`, with what becomes of each item, in their order. */
  examine(version: RoomVersion, roomId: string, pdus: readonly unknown[]): Promise<Examined[]> {
    return this.#checker.examine(version, roomId, pdus);
  }

  async receive(origin: string, roomId: string, pdu: CheckedPdu): Promise<Received> {
    const known = await this.#receiver.known(pdu);
    if (known && this.#returned.isPossible(known.event))
      await this.#queues.run(roomId, async () => this.#returned.take(origin, await this.#headOf(roomId), known.event));
    if (known) return known;
    return this.#inTurn(roomId, async (head) => {
      const since = await this.#receiver.known(pdu);
      if (since) return since;
      await this.#proofs.before(head, domainOf(pdu.pdu.sender) ?? '');
      await this.#gaps.close(origin, head, pdu);
      await this.#gaps.fill(origin, head, pdu);
      // The event that was pushed may become the only end of the room, so it brings no state of its own.
      const { missing } = await this.#statesBefore.previous(head, pdu);
      if (missing.length > 0) throw new MissingEventsError('Events before this one are missing here');
      return this.#take(origin, head, pdu, FetchBudget.ofEvent());
    });
  }

  async acceptMembership(
    origin: string,
    roomId: string,
    pdu: CheckedPdu,
  ): Promise<{ event: StoredEvent; stateBefore: StateRoot }> {
    return this.#inTurn(roomId, async (head) => {
      const { missing } = await this.#statesBefore.previous(head, pdu);
      if (missing.length > 0)
        throw new MatrixError('M_FORBIDDEN', 'The event does not follow those that this server gave');
      const known = await this.#receiver.known(pdu);
      if (known && !known.event.isShown) throw new MatrixError('M_FORBIDDEN', 'The event was refused');
      const how = { mustCount: true, isRelayed: true };
      const event = known?.event ?? (await this.#take(origin, head, pdu, FetchBudget.ofEvent(), how)).event;
      return { event, stateBefore: event.fields.stateBefore };
    });
  }

  async enterRoom(entry: RoomEntry): Promise<StoredEvent> {
    return this.#queues.run(entry.roomId, async () => {
      const head = await this.#headOf(entry.roomId);
      // Somebody of this server came in meanwhile: the room is known, and the join an event like others.
      if (head && (await this.#parts.isInRoom(head.room))) {
        const known = await this.#receiver.known(entry.join);
        if (known) return known.event;
        return this.#settling(head, async () => {
          await this.#gaps.fill(entry.origin, head, entry.join);
          const budget = FetchBudget.ofEvent();
          return (await this.#take(entry.origin, head, entry.join, budget, { mustCount: true })).event;
        });
      }
      return this.#entrance.enter(entry);
    });
  }

  async completeRoom(server: string, roomId: string, signal?: AbortSignal): Promise<void> {
    const head = await this.#headOf(roomId);
    if (!head || !this.#parts.partialRooms.isPartial(head.room)) return;
    try {
      // What is asked for may take long: events come in meanwhile.
      await this.#completion.ask(server, head, signal);
      await this.#queues.run(roomId, () => this.#completion.finish(head));
    } catch (error) {
      throw asRefusal(error);
    }
  }

  async storeHistory(origin: string, roomId: string, pdus: readonly CheckedPdu[]): Promise<StoredEvent[]> {
    return this.#inTurn(roomId, (head) => this.#history.store(origin, head, pdus));
  }

  storeOutOfBand(version: RoomVersion, roomId: string, pdu: CheckedPdu): Promise<StoredEvent> {
    return this.#queues.run(roomId, () => this.#outOfBand.store(version, roomId, pdu));
  }

  /** Runs work on a room that this server is in, after all work before it. */
  #inTurn<T>(roomId: string, job: (head: RoomHead) => Promise<T>): Promise<T> {
    return this.#queues.run(roomId, async () => {
      const head = await this.#headOf(roomId);
      if (!head) throw new MatrixError('M_NOT_FOUND', 'Unknown room');
      if (!(await this.#parts.isInRoom(head.room)))
        throw new MatrixError('M_FORBIDDEN', 'This server is not in the room');
      return this.#settling(head, () => job(head));
    });
  }

  /** Whatever becomes of the work, events that came for it end the room if nothing follows them. */
  async #settling<T>({ room }: RoomHead, job: () => Promise<T>): Promise<T> {
    try {
      return await job();
    } finally {
      await this.#waitingEnds.settle(room);
    }
  }

  async #headOf(roomId: string): Promise<RoomHead | undefined> {
    const room = await this.#parts.names.findRoom(roomId);
    return room === undefined ? undefined : this.#parts.heads.find(room);
  }

  async #take(
    origin: string,
    head: RoomHead,
    pdu: CheckedPdu,
    budget: FetchBudget,
    how: WriteOptions & { readonly isRelayed?: boolean } = {},
  ): Promise<Received> {
    try {
      const received = await this.#receiver.take(origin, head, pdu, budget, how);
      if (received.fills) await this.#mender.come(received.event, received.isFoundOut === true);
      const now = await this.#parts.heads.find(head.room);
      if (received.follower !== undefined) await this.#ends.drop(received.event, received.follower);
      if (now) await this.#folder.fold(now);
      return received;
    } catch (error) {
      throw asRefusal(error);
    }
  }
}

function tooMany(): MatrixError {
  return new MatrixError('M_LIMIT_EXCEEDED', 'Too many events of this room wait');
}
