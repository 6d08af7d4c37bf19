import { MatrixError } from '@myelin/api';
import { getOwn, isServerName, prevEventIds, type JsonObject, type Pdu } from '@myelin/protocol';
import type { Clock } from '@myelin/runtime';
import { KeyedSlots, Slots } from '../../queues/index.ts';
import type { CheckedPdu, IncomingEvents } from '../incoming-events/index.ts';
import type { RemoteEntry } from '../membership/index.ts';
import type { Names, RoomNid } from '../names/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import { askInTurn } from './ask-in-turn.ts';
import { BadAnswer } from './bad-answer.ts';
import { candidateServers, serverOfRoom } from './candidates.ts';
import type { JoinAnswer, MembershipExchange, OwnMembership } from './membership-exchange.ts';
import { Shared } from './shared.ts';
import { signaturesOf } from './signatures-of.ts';
import type { RoomComplexity } from './room-complexity.ts';

/** So many answers to joins are taken in at once: each may hold a whole room. */
const joinsAtOnce = 6;
/** So many servers are taken to be in a room because another server says so. */
const mostServers = 20_000;

export interface RemoteJoinParts {
  readonly serverName: string;
  readonly clock: Clock;
  readonly names: Names;
  readonly members: RoomMembers;
  readonly incoming: IncomingEvents;
  readonly exchange: MembershipExchange;
  readonly complexity: RoomComplexity;
  readonly isElsewhere: (roomId: string, room: RoomNid | undefined) => Promise<boolean>;
}

/** Servers that may help without having been named. */
export interface KnownServers {
  /** Those of the users who invited. */
  readonly inviters: readonly string[];
  /** Those that were in the room when this server last was. */
  readonly inRoom: readonly string[];
}

/** Joins rooms by servers that are in them. Server-Server API §"Joining Rooms". */
export class RemoteJoins {
  readonly #parts: RemoteJoinParts;
  readonly #byUser = new Shared<boolean>();
  readonly #byRoom = new KeyedSlots({ atOnce: 1 });
  readonly #answers = new Slots({ atOnce: joinsAtOnce });

  constructor(parts: RemoteJoinParts) {
    this.#parts = parts;
  }

  /** As `RemoteRooms.join`. A user's joins of one room share one run, and a room is entered once. */
  join(entry: RemoteEntry, known: KnownServers, evenIfHere: boolean): Promise<boolean> {
    return this.#byUser.run(`${entry.userId} ${entry.roomId}`, () =>
      this.#byRoom.run(entry.roomId, () => this.#join(entry, known, evenIfHere)),
    );
  }

  async #join(entry: RemoteEntry, known: KnownServers, evenIfHere: boolean): Promise<boolean> {
    const { clock, names, members, serverName, isElsewhere, complexity } = this.#parts;
    const room = await names.findRoom(entry.roomId);
    const isHere = !(await isElsewhere(entry.roomId, room));
    if (isHere && !evenIfHere) return false;
    if (isHere && room !== undefined && (await members.isJoined(room, entry.user))) return true;
    const servers = candidateServers(serverName, entry.servers, known.inviters);
    // Who says by which servers to join gets in by these, if there is any of them.
    const others = candidateServers(serverName, [serverOfRoom(entry.roomId)], known.inRoom);
    if (!isHere) await complexity.check(entry.roomId, [...servers, ...others], entry.isAdmin);
    try {
      await askInTurn(servers, "The room can't be joined", clock, (server) => this.#by(server, entry, isHere), others);
    } catch (error) {
      // As far as is known here. Whoever answers otherwise, or not at all, didn't let them in.
      const isBanned = room !== undefined && (await members.get(room, entry.user))?.membership === 'ban';
      throw isBanned ? new MatrixError('M_FORBIDDEN', 'You are banned from this room') : error;
    }
    return true;
  }

  async #by(server: string, { roomId, userId, content }: RemoteEntry, isHere: boolean): Promise<void> {
    const { exchange } = this.#parts;
    const own = await exchange.make('join', { resident: server, roomId, userId, content });
    await this.#answers.run(async () => {
      const answer = await exchange.sendJoin(own);
      const join = await this.#signedJoin(own, answer.event as JsonObject | undefined);
      await (isHere ? this.#receive(own, join) : this.#enter(own, join, answer));
    });
  }

  /**
   * Our event with the signature of the server that vouches for a restricted join: nothing else of what came back is
   * taken. Throws BadAnswer if a signature is missing that the event needs.
   */
  async #signedJoin(own: OwnMembership, returned: JsonObject | undefined): Promise<CheckedPdu> {
    const pdu = withSignatureOf(own, returned);
    const [join] = await this.#parts.incoming.check(own.version, own.roomId, [pdu]);
    if (join?.eventId !== own.eventId) throw new BadAnswer('The server has not signed the join that it authorises');
    return join;
  }

  async #receive(own: OwnMembership, join: CheckedPdu): Promise<void> {
    const { verdict } = await this.#parts.incoming.receive(own.resident, own.roomId, join);
    if (verdict === 'rejected') throw new BadAnswer('The join is not allowed by the state of the room');
  }

  async #enter(own: OwnMembership, join: CheckedPdu, answer: JoinAnswer): Promise<void> {
    const { incoming } = this.#parts;
    const { version, roomId, resident } = own;
    const state = await incoming.check(version, roomId, answer.state, prevEventIds(join.pdu, version));
    const authChain = await incoming.check(version, roomId, answer.auth_chain);
    checkCreateEvent(own, state);
    try {
      const partial = answer.members_omitted === true && { partial: { servers: serversNamed(resident, answer) } };
      await incoming.enterRoom({ origin: resident, version, roomId, join, state, authChain, ...partial });
    } catch (error) {
      // The rules don't allow the join by the state that came with it: another server may have another.
      if (error instanceof MatrixError) throw new BadAnswer(error.message);
      throw error;
    }
  }
}

function withSignatureOf({ pdu, resident }: OwnMembership, returned: JsonObject | undefined): Pdu {
  if (returned === undefined || getOwn(pdu.content, 'join_authorised_via_users_server') === undefined) return pdu;
  const theirs = signaturesOf(resident, returned);
  return theirs ? { ...pdu, signatures: { ...pdu.signatures, [resident]: theirs } } : pdu;
}

/** The servers in a room whose members are left out. Throws BadAnswer: without them nobody could be told anything. */
function serversNamed(resident: string, { servers_in_room: named = [] }: JoinAnswer): string[] {
  const servers = new Set(named.slice(0, mostServers).filter(isServerName));
  if (servers.size === 0) throw new BadAnswer('The members are left out, and no servers are named');
  return [...servers.add(resident)];
}

/** The state must be of this room, in the version that the event was made for. */
function checkCreateEvent({ version, roomId }: OwnMembership, state: readonly CheckedPdu[]): void {
  const creates = state.filter(({ pdu }) => pdu.type === 'm.room.create' && pdu.state_key === '');
  const [create] = creates;
  if (!create || creates.length > 1) throw new BadAnswer('The state of the room lacks its create event');
  const said = getOwn(create.pdu.content, 'room_version') ?? '1';
  if (said !== version.id) throw new BadAnswer('The room is of another version than the template');
  if (version.roomIdIsCreateEventId && create.eventId !== `$${roomId.slice(1)}`) {
    throw new BadAnswer('The state is of another room');
  }
}
