import { MatrixError } from '@myelin/api';
import type { Reader, Writer } from '@myelin/database';
import type { RoomVersion } from '@myelin/protocol';
import { KeyedSlots } from '../../queues/index.ts';
import type { RoomNid } from '../names/index.ts';
import type { SignedEvent } from './event-signer.ts';
import type { LocalPdu } from './local-pdu.ts';
import type { RoomHead } from './room-heads.ts';
import type { RoomWriters } from './room-writers.ts';

/** Rooms in which another server must sign events before they are sent. Implemented by `features/policy-servers`. */
export interface Approvals {
  /** False: no room has ever asked for it, and nothing need be looked at. */
  readonly isPossible: boolean;
  /** Who must sign an event as the room stands; undefined: nobody. */
  approver(
    head: RoomHead,
    event: { readonly type: string; readonly state_key?: string | undefined },
    reader?: Reader,
  ): Promise<Approver | undefined>;
}

export interface Approver {
  /** Resolves to the event (canonical JSON) with the signature in it. Throws a MatrixError for the client that sends it. */
  approve(version: RoomVersion, json: string): Promise<string>;
}

/** Ends a transaction in which an event would be sent that somebody must sign first. */
class ApprovalNeeded extends Error {
  readonly approver: Approver;
  readonly version: RoomVersion;
  readonly signed: SignedEvent;

  constructor(approver: Approver, version: RoomVersion, signed: SignedEvent) {
    super('The event must be signed by another server first');
    this.approver = approver;
    this.version = version;
    this.signed = signed;
  }
}

/** A job that is run again and again, until all of its events are signed: they must be the same each time. */
class Attempt {
  /** With the signature in them, by event id. */
  readonly texts = new Map<string, string>();
  readonly #made: Pick<LocalPdu, 'origin_server_ts' | 'event_id'>[] = [];
  #next = 0;

  begin(): void {
    this.#next = 0;
  }

  /** Gives the event the time, and the id of its own, that it had the last time. */
  pin(pdu: LocalPdu): void {
    const before = this.#made[this.#next];
    if (before) Object.assign(pdu, before);
    else {
      const { origin_server_ts, event_id } = pdu;
      this.#made.push(event_id === undefined ? { origin_server_ts } : { origin_server_ts, event_id });
    }
    this.#next++;
  }
}

/** So often the other server is asked for one job: the room may change meanwhile, and with it the event. */
const mostAsked = 30;
const mostWaiting = 100;

/**
 * Writes to rooms, where some events must be signed by another server: it is asked outside of the transaction, which is
 * made again then. Such writes of a room wait for each other.
 */
export class ApprovedWrites {
  readonly #writers: RoomWriters;
  /** By the transaction: those of one run one after another. */
  readonly #attempts = new WeakMap<Writer, Attempt>();
  readonly #lanes = new KeyedSlots({
    atOnce: 1,
    mostWaiting,
    refusal: () => new MatrixError('M_LIMIT_EXCEEDED', 'Too many events wait for the policy server of this room'),
  });
  #approvals: Approvals | undefined;

  constructor(writers: RoomWriters) {
    this.#writers = writers;
  }

  ask(approvals: Approvals): void {
    this.#approvals = approvals;
  }

  run<T>(room: RoomNid, job: (writer: Writer) => Promise<T>): Promise<T> {
    return this.#approvals?.isPossible ? this.#runWatched(room, job) : this.#writers.run(room, job);
  }

  /** What is in the event from the beginning. */
  pin(writer: Writer, pdu: LocalPdu): void {
    this.#attempts.get(writer)?.pin(pdu);
  }

  /** Whether the events of the transaction may need `signed`. */
  isWatched(writer: Writer): boolean {
    return this.#attempts.has(writer);
  }

  /** The event as it is to be stored. */
  async signed(
    writer: Writer,
    head: RoomHead,
    event: Pick<LocalPdu, 'type' | 'state_key'>,
    signed: SignedEvent,
  ): Promise<SignedEvent> {
    const approver = await this.#approvals?.approver(head, event, writer);
    if (!approver) return signed;
    const json = this.#attempts.get(writer)?.texts.get(signed.eventId);
    if (json === undefined) throw new ApprovalNeeded(approver, head.version, signed);
    return { ...signed, json };
  }

  async #runWatched<T>(room: RoomNid, job: (writer: Writer) => Promise<T>): Promise<T> {
    try {
      return await this.#attempt(room, new Attempt(), job);
    } catch (error) {
      if (!(error instanceof ApprovalNeeded)) throw error;
      return this.#lanes.run(String(room), () => this.#runApproved(room, job));
    }
  }

  async #runApproved<T>(room: RoomNid, job: (writer: Writer) => Promise<T>): Promise<T> {
    const attempt = new Attempt();
    for (let asked = 0; asked <= mostAsked; asked++) {
      try {
        return await this.#attempt(room, attempt, job);
      } catch (error) {
        if (!(error instanceof ApprovalNeeded)) throw error;
        const { approver, version, signed } = error;
        attempt.texts.set(signed.eventId, await approver.approve(version, signed.json));
      }
    }
    throw new MatrixError('M_LIMIT_EXCEEDED', 'The room changes faster than its policy server signs; try again');
  }

  #attempt<T>(room: RoomNid, attempt: Attempt, job: (writer: Writer) => Promise<T>): Promise<T> {
    return this.#writers.run(room, async (writer) => {
      attempt.begin();
      this.#attempts.set(writer, attempt);
      try {
        return await job(writer);
      } finally {
        this.#attempts.delete(writer);
      }
    });
  }
}
