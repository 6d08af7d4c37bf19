import type { Clock, Random, Timers } from '@myelin/runtime';
import type { Database } from '@myelin/database';
import type { RemoteRoomLimit } from '../../config/index.ts';
import type { Log } from '../../observability/log.ts';
import type { Events } from '../events/index.ts';
import type { FederationClient } from '../federation-client/index.ts';
import type { IncomingEvents } from '../incoming-events/index.ts';
import type { InvitedRooms } from '../invited-rooms/index.ts';
import type { RemoteEntry, RemoteRooms } from '../membership/index.ts';
import type { Names, RoomNid, UserNid } from '../names/index.ts';
import type { PartialRooms } from '../partial-rooms/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { RoomOutlines } from '../room-outlines/index.ts';
import type { RoomServers } from '../room-servers/index.ts';
import type { KeyRing } from '../server-keys/index.ts';
import type { AuthStates, EventSigner, RoomStates, Timeline } from '../timeline/index.ts';
import { authorisingServers } from './authorising-servers.ts';
import { serverOfUser } from './candidates.ts';
import { MembershipExchange } from './membership-exchange.ts';
import { RemoteInvites } from './remote-invites.ts';
import { RemoteJoins, type KnownServers } from './remote-joins.ts';
import { RemoteKnocks } from './remote-knocks.ts';
import { RemoteLeaves } from './remote-leaves.ts';
import { RoomCompletions } from './room-completions.ts';
import { RoomComplexity } from './room-complexity.ts';

export interface RemoteRoomsParts {
  readonly serverName: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly timers: Timers;
  readonly log: Log;
  readonly database: Database;
  readonly names: Names;
  readonly events: Events;
  readonly members: RoomMembers;
  readonly states: RoomStates;
  readonly authStates: AuthStates;
  readonly timeline: Timeline;
  readonly signer: EventSigner;
  readonly outlines: RoomOutlines;
  readonly client: FederationClient;
  readonly keyRing: KeyRing;
  readonly incoming: IncomingEvents;
  readonly roomServers: RoomServers;
  readonly partialRooms: PartialRooms;
  readonly invitedRooms: InvitedRooms;
  /** `limit_remote_rooms` */
  readonly remoteLimit: RemoteRoomLimit | undefined;
}

/** Coming and going where other servers have to help. */
export class RoomsOfOthers implements RemoteRooms {
  readonly #parts: RemoteRoomsParts;
  readonly #joins: RemoteJoins;
  readonly #knocks: RemoteKnocks;
  readonly #leaves: RemoteLeaves;
  readonly #invites: RemoteInvites;
  readonly #completions: RoomCompletions;

  constructor(parts: RemoteRoomsParts) {
    this.#parts = parts;
    const exchange = new MembershipExchange(parts);
    this.#joins = new RemoteJoins({
      ...parts,
      exchange,
      complexity: new RoomComplexity(parts.client, parts.timers, parts.remoteLimit),
      isElsewhere: (roomId, room) => this.isElsewhere(roomId, room),
    });
    this.#knocks = new RemoteKnocks({ ...parts, exchange });
    this.#leaves = new RemoteLeaves({ ...parts, exchange });
    this.#invites = new RemoteInvites(parts);
    this.#completions = new RoomCompletions(parts);
  }

  /** Goes on with what the last stop interrupted. */
  start(): void {
    this.#completions.start();
  }

  stop(): Promise<void> {
    return this.#completions.stop();
  }

  async isElsewhere(_roomId: string, room: RoomNid | undefined): Promise<boolean> {
    const { timeline, roomServers, serverName } = this.#parts;
    if (room === undefined || !(await timeline.isKnown(room))) return true;
    if (await roomServers.isInRoom(room, serverName)) return false;
    // A room that all have left is as good here as anywhere.
    return (await roomServers.inRoom(room)).size > 0;
  }

  lacksMembers(room: RoomNid): boolean {
    return this.#parts.partialRooms.isPartial(room);
  }

  async join(entry: RemoteEntry, evenIfHere: boolean): Promise<boolean> {
    return this.#joins.join(entry, await this.#knownServers(entry), evenIfHere);
  }

  async knock(entry: RemoteEntry): Promise<boolean> {
    if (!(await this.isElsewhere(entry.roomId, await this.#parts.names.findRoom(entry.roomId)))) return false;
    await this.#knocks.knock(entry);
    return true;
  }

  leave(entry: RemoteEntry): Promise<boolean> {
    return this.#leaves.leave(entry);
  }

  invite(
    inviter: { readonly user: UserNid; readonly userId: string },
    room: RoomNid,
    target: string,
    content: RemoteEntry['content'],
  ): Promise<string> {
    return this.#invites.invite(inviter, room, target, content);
  }

  async serversToAuthorise(room: RoomNid): Promise<string[]> {
    const { timeline, states, authStates, members, names, serverName } = this.#parts;
    const head = await timeline.head(room);
    return authorisingServers({ states, authStates, members, names, serverName }, head);
  }

  async #knownServers({ roomId, user }: RemoteEntry): Promise<KnownServers> {
    const { names, members, roomServers } = this.#parts;
    const room = await names.findRoom(roomId);
    if (room === undefined) return { inviters: [], inRoom: [] };
    const member = await members.get(room, user);
    const inviter = member?.membership === 'invite' ? serverOfUser(await names.userId(member.sender)) : undefined;
    return { inviters: inviter === undefined ? [] : [inviter], inRoom: [...(await roomServers.inRoom(room))] };
  }
}
