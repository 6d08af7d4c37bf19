import type { Events, StoredEvent } from '../events/index.ts';
import { memberOfKey, type RoomNid, type UserNid } from '../names/index.ts';
import type { PartialRooms } from '../partial-rooms/index.ts';
import type { RoomMember, RoomMembers } from '../room-members/index.ts';
import { emptyState, type StateRoot } from '../state-map/index.ts';
import type { Streams } from '../streams/index.ts';
import type { RoomStates } from '../timeline/index.ts';
import type { DeviceListLog } from './device-list-log.ts';
import type { SignatureStore } from './signature-store.ts';

export interface DeviceListDelta {
  /** Whose devices or keys changed, or who now shares a room with the reader. */
  readonly changed: ReadonlySet<UserNid>;
  /** Who no longer shares a room with the reader. */
  readonly left: ReadonlySet<UserNid>;
}

/** Positions: after `since`, up to `upTo`. */
interface Span {
  readonly since: number;
  readonly upTo: number;
}

export interface DeviceListsParts {
  readonly streams: Streams;
  readonly events: Events;
  readonly states: RoomStates;
  readonly members: RoomMembers;
  readonly partialRooms: Pick<PartialRooms, 'completedSince' | 'shownAt'>;
  readonly log: DeviceListLog;
  readonly signatures: SignatureStore;
}

/** With more candidates than this, everybody who shares a room is looked up once instead of each candidate. */
const fewCandidates = 64;

/** Of how many changes of a membership since the last sync it is looked whether the user was out meanwhile; after more: yes. */
const mostSteps = 20;

/** Whose devices a client must look at again. Client-Server API §"Tracking the device list for a user". */
export class DeviceLists {
  readonly #parts: DeviceListsParts;

  constructor(parts: DeviceListsParts) {
    this.#parts = parts;
  }

  /**
   * What changed for a user after `since`. Changes of keys later than `upTo` may be among it: told twice is better than
   * too late. `roomsWithEvents`: rooms that have events since then, where that is known.
   */
  async since(
    user: UserNid,
    since: number,
    upTo: number,
    roomsWithEvents?: ReadonlySet<RoomNid>,
  ): Promise<DeviceListDelta> {
    const { streams, log, members, signatures, partialRooms } = this.#parts;
    const own = await members.ofUser(user);
    const updated = new Set<UserNid>();
    const signed = new Set<UserNid>();
    let rooms = new Set<RoomNid>();
    const recent = streams.changesSince(since);
    if (recent) {
      for (const { change } of recent) {
        if (change.kind === 'event' && (change.users || change.others)) rooms.add(change.room);
        if (change.kind !== 'device-list') continue;
        if (!change.signed) updated.add(change.user);
        else if (change.user === user) for (const other of change.signed) signed.add(other);
      }
    } else {
      for (const other of await log.changedSince(since)) updated.add(other);
      for (const other of await signatures.signedSince(user, since)) signed.add(other);
      rooms = new Set(roomsWithEvents ?? roomsSince(own.values(), since));
    }
    const span = { since, upTo };
    const { joined, parted } = await this.#memberships(
      user,
      span,
      [...rooms].filter((room) => own.has(room)),
    );
    for (const [room, position] of await partialRooms.completedSince(since))
      if (position <= upTo && own.get(room)?.membership === 'join')
        await this.#completed(user, room, span, { joined, parted });
    const shares = await this.#sharing(user, updated.size + parted.size);
    const changed = new Set([...joined, ...signed]);
    for (const other of updated) if (other === user || changed.has(other) || (await shares(other))) changed.add(other);
    const left = new Set<UserNid>();
    for (const other of parted) if (!(await shares(other))) left.add(other);
    return { changed, left };
  }

  /** Who came into, or went out of, a room together with the user; the user too where they came into one. */
  async #memberships(
    user: UserNid,
    { since, upTo }: Span,
    rooms: readonly RoomNid[],
  ): Promise<{ joined: Set<UserNid>; parted: Set<UserNid> }> {
    const { members, states } = this.#parts;
    const joined = new Set<UserNid>();
    const parted = new Set<UserNid>();
    let came = false;
    for (const room of rooms) {
      const before = await this.#stateAt(room, since);
      const after = await this.#stateAt(room, upTo);
      if (before === after) continue;
      const wasIn = (await states.membership(before, user)) === 'join';
      const isIn = (await states.membership(after, user)) === 'join';
      if (!wasIn && !isIn) continue;
      const moves = wasIn ? await this.#moves(before, after) : [];
      for (const { other, isIn: isOtherIn } of moves) {
        if (!isOtherIn) parted.add(other);
        else if (isIn) joined.add(other);
      }
      // Those whom the user joined, or left behind; the user's other devices learn of a join as well.
      const cameIn = isIn && (!wasIn || moves.some(({ other, isIn: isBack }) => other === user && isBack));
      if (cameIn || !isIn) for (const other of await members.joinedUsers(room)) (isIn ? joined : parted).add(other);
      if (cameIn) came = true;
    }
    if (!came) joined.delete(user);
    parted.delete(user);
    return { joined, parted };
  }

  /**
   * Those who turned out to be in a room, or not to be, when its members were known. Who is in it matters to the user's
   * clients where the room is encrypted.
   */
  async #completed(
    user: UserNid,
    room: RoomNid,
    { since, upTo }: Span,
    into: { readonly joined: Set<UserNid>; readonly parted: Set<UserNid> },
  ): Promise<void> {
    const { states, partialRooms } = this.#parts;
    const shown = await partialRooms.shownAt(room, since);
    // Who has come in since is told of all members anyhow.
    if (shown === undefined || (await states.membership(shown, user)) !== 'join') return;
    const after = await this.#stateAt(room, upTo);
    const isEncrypted = (await states.get(after, 'm.room.encryption', '')) !== undefined;
    for (const { other, isIn } of await this.#moves(shown, after)) {
      if (!isIn) into.parted.add(other);
      else if (isEncrypted) into.joined.add(other);
    }
  }

  /** Who came in (or went out, and came back) or went out between two states. */
  async #moves(before: StateRoot, after: StateRoot): Promise<{ other: UserNid; isIn: boolean }[]> {
    const { states, events } = this.#parts;
    const differences = (await states.diff(before, after)).filter(({ key }) => memberOfKey(key) !== undefined);
    const wanted = differences.flatMap((each) => [each.before, each.after]).filter((nid) => nid !== undefined);
    const found = await events.getMany(wanted);
    const moves: { other: UserNid; isIn: boolean }[] = [];
    for (const difference of differences) {
      const other = memberOfKey(difference.key) as UserNid;
      const [old, now] = [difference.before, difference.after].map((nid) =>
        nid === undefined ? undefined : found.get(nid),
      );
      const [wasIn, isIn] = [isJoin(old), isJoin(now)];
      if (wasIn !== isIn) moves.push({ other, isIn });
      else if (old && now && isIn && (await this.#wasOut(other, old, now))) moves.push({ other, isIn });
    }
    return moves;
  }

  /** Whether a user was out of the room between two of their joins: of that time nobody may have told their changes. */
  async #wasOut(user: UserNid, first: StoredEvent, last: StoredEvent): Promise<boolean> {
    let event = last;
    for (let steps = 0; steps < mostSteps; steps++) {
      const previous = await this.#parts.states.member(event.fields.stateBefore, user);
      if (!previous || !isJoin(previous)) return true;
      if (previous.nid === first.nid) return false;
      event = previous;
    }
    return true;
  }

  async #stateAt(room: RoomNid, position: number): Promise<StateRoot> {
    return (await this.#parts.events.timeline.pointAt(room, position))?.state ?? emptyState;
  }

  async #sharing(user: UserNid, candidates: number): Promise<(other: UserNid) => Promise<boolean>> {
    const { members } = this.#parts;
    if (candidates <= fewCandidates) return (other) => members.shareRoom(user, other);
    const sharing = await members.sharingRoomsWith(user);
    return async (other) => sharing.has(other);
  }
}

function isJoin(event: StoredEvent | undefined): boolean {
  return event?.content['membership'] === 'join';
}

function roomsSince(memberships: Iterable<RoomMember>, since: number): RoomNid[] {
  return [...memberships]
    .filter((member) => member.membership === 'join' || member.position > since)
    .map((member) => member.room);
}
