import { MatrixError } from '@myelin/api';
import type { JsonObject } from '@myelin/protocol';
import { refuseSuspended, type Requester } from '../../http/index.ts';
import type { Names, RoomNid } from '../names/index.ts';
import { clientContent } from './member-change.ts';
import type { MembershipLimits } from './membership-limits.ts';
import type { ProfileSource } from './profile-source.ts';
import type { RemoteEntry, RemoteRooms } from './remote-rooms.ts';

export interface ElsewhereParts {
  readonly names: Names;
  readonly profiles: ProfileSource;
  readonly limits: MembershipLimits;
  /** `allow_per_room_profiles` */
  readonly perRoomProfiles: boolean;
}

/** What a user asks for. `more` goes into the event's content. */
export interface AskedEntry {
  readonly requester: Requester;
  readonly roomId: string;
  readonly action: 'join' | 'knock' | 'leave';
  readonly more: JsonObject;
  readonly servers: readonly string[];
}

/** Coming and going that other servers have to bring about, as far as they can be reached. */
export class Elsewhere {
  readonly #parts: ElsewhereParts;
  #remote: RemoteRooms | undefined;

  constructor(parts: ElsewhereParts) {
    this.#parts = parts;
  }

  /** From now on other servers can be reached. */
  use(remote: RemoteRooms): void {
    this.#remote = remote;
  }

  get isReachable(): boolean {
    return this.#remote !== undefined;
  }

  /** Brings about a change in a room that this server isn't in, or can't decide about yet. Resolves to false if it is, or if nobody can help. */
  async bring(asked: AskedEntry): Promise<boolean> {
    const remote = this.#remote;
    const { requester, roomId, action } = asked;
    const room = await this.#parts.names.findRoom(roomId);
    const evenIfHere = action === 'join' && room !== undefined && remote?.lacksMembers(room) === true;
    if (!remote || (!evenIfHere && !(await remote.isElsewhere(roomId, room)))) return false;
    if (action !== 'leave') refuseSuspended(requester);
    if (action === 'join') {
      // Whether the room lets guests in can't be known from outside of it.
      if (requester.isGuest) throw new MatrixError('M_GUEST_ACCESS_FORBIDDEN', 'Guest access not allowed');
      this.#parts.limits.joinElsewhere(requester, roomId);
    }
    const entry = await this.#entry(asked);
    if (action === 'join') return remote.join(entry, evenIfHere);
    return action === 'knock' ? remote.knock(entry) : remote.leave(entry);
  }

  /** A join of a room that this server is in, by a server whose users may let others in. False: there is none. */
  async authorised(asked: Omit<AskedEntry, 'servers' | 'action'>, room: RoomNid): Promise<boolean> {
    const remote = this.#remote;
    if (!remote) return false;
    const servers = await remote.serversToAuthorise(room);
    if (servers.length === 0) return false;
    return remote.join(await this.#entry({ ...asked, action: 'join', servers }), true);
  }

  /** Resolves to the id of the invite. */
  async invite(requester: Requester, room: RoomNid, target: string, content: JsonObject): Promise<string> {
    if (this.#remote) return this.#remote.invite(requester, room, target, content);
    throw new MatrixError('M_UNKNOWN', "This server can't reach other servers", { status: 502 });
  }

  async #entry({ requester, roomId, action, more, servers }: AskedEntry): Promise<RemoteEntry> {
    const { profiles, perRoomProfiles } = this.#parts;
    const { user, userId, isAdmin } = requester;
    const profile = action === 'leave' ? {} : await profiles.memberProfile(user);
    const content = { ...profile, ...clientContent(more, perRoomProfiles), membership: action };
    return { user, userId, isAdmin, roomId, servers, content };
  }
}
