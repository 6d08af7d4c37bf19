import type { Pdu, RoomVersion } from '@myelin/protocol';
import type { StoredEvent } from '../events/index.ts';
import type { StateRoot } from '../state-map/index.ts';

/** An event of another server whose format, size, signatures and content hash were checked. */
export interface CheckedPdu {
  readonly eventId: string;
  readonly pdu: Pdu;
  /** Canonical, without `unsigned`: as it was hashed, or in its redacted form where the content hash didn't fit. */
  readonly json: string;
  /** Set if the event is to be kept as a rejected one, because other servers do: what is wrong with its format. */
  readonly refusal?: string;
}

/** What became of an event. `known`: it was here before, and nothing changed. */
export type Verdict = 'accepted' | 'soft-failed' | 'rejected' | 'known';

/** A room as another server's join response has it. */
export interface RoomEntry {
  readonly origin: string;
  readonly version: RoomVersion;
  readonly roomId: string;
  /** The member event that brings this server into the room. */
  readonly join: CheckedPdu;
  /** The state before it. */
  readonly state: readonly CheckedPdu[];
  readonly authChain: readonly CheckedPdu[];
  /** The state lacks members: these servers are in the room. */
  readonly partial?: { readonly servers: readonly string[] };
}

/** The way in for events that other servers made. Server-Server API §"Checks performed on receipt of a PDU". */
export interface IncomingEvents {
  /**
   * Format, size, signatures, content hash. One by one; bad ones are left out (and logged). Nothing is stored, but state events
   * wait for keys that couldn't be had; `toldAfter`: the events after which another server tells these as the state.
   */
  check(
    version: RoomVersion,
    roomId: string,
    pdus: readonly unknown[],
    toldAfter?: readonly string[],
  ): Promise<CheckedPdu[]>;

  /**
   * One event through the whole pipeline; what is missing is fetched from `origin` within budgets. Throws MatrixError if
   * it can't be taken at all.
   */
  receive(origin: string, roomId: string, pdu: CheckedPdu): Promise<{ event: StoredEvent; verdict: Verdict }>;

  /**
   * A membership event that another server made by our template (send_join, send_leave, send_knock): it must be allowed
   * at its place and now. Throws M_FORBIDDEN. `stateBefore` is the state that it meets. The other servers in the room are
   * sent it by its transaction.
   */
  acceptMembership(
    origin: string,
    roomId: string,
    pdu: CheckedPdu,
  ): Promise<{ event: StoredEvent; stateBefore: StateRoot }>;

  /** Makes the room, or comes back to one that this server had left. Returns the join event, which is its newest. */
  enterRoom(entry: RoomEntry): Promise<StoredEvent>;

  /**
   * Makes a room whole that was entered without its members: `server` is asked for the state that lacks. Throws MatrixError
   * if that server doesn't tell it; does nothing if the room is whole.
   */
  completeRoom(server: string, roomId: string, signal?: AbortSignal): Promise<void>;

  /** Events older than those we have: they get positions below zero. Returns those that may be shown, oldest first. */
  storeHistory(origin: string, roomId: string, pdus: readonly CheckedPdu[]): Promise<StoredEvent[]>;

  /** An event of a room that this server isn't in (invite, knock, refused invite): an outlier without a state. */
  storeOutOfBand(version: RoomVersion, roomId: string, pdu: CheckedPdu): Promise<StoredEvent>;
}
