import type { Clock } from '@myelin/runtime';
import type { RateLimitsConfig } from '../../config/index.ts';
import { RateLimiter, type Requester } from '../../http/index.ts';
import type { RoomNid } from '../names/index.ts';

/** `rc_joins`, `rc_joins_per_room`, `rc_invites`. */
export class MembershipLimits {
  readonly #joins: RateLimiter;
  readonly #joinsElsewhere: RateLimiter;
  readonly #joinsPerRoom: RateLimiter;
  readonly #invitesPerIssuer: RateLimiter;
  readonly #invitesPerRoom: RateLimiter;
  readonly #invitesPerUser: RateLimiter;

  constructor(clock: Clock, limits: RateLimitsConfig) {
    this.#joins = new RateLimiter(clock, limits.joinsLocal);
    this.#joinsElsewhere = new RateLimiter(clock, limits.joinsRemote);
    this.#joinsPerRoom = new RateLimiter(clock, limits.joinsPerRoom);
    this.#invitesPerIssuer = new RateLimiter(clock, limits.invitesPerIssuer);
    this.#invitesPerRoom = new RateLimiter(clock, limits.invitesPerRoom);
    this.#invitesPerUser = new RateLimiter(clock, limits.invitesPerUser);
  }

  join(requester: Requester, room: RoomNid): void {
    if (requester.isExemptFromLimits) return;
    this.#joins.check(requester.user);
    this.#joinsPerRoom.check(room);
  }

  /** By another server. */
  joinElsewhere(requester: Requester, roomId: string): void {
    if (requester.isExemptFromLimits) return;
    this.#joinsElsewhere.check(requester.user);
    this.#joinsPerRoom.check(roomId);
  }

  invite(requester: Requester, room: RoomNid | undefined, target: string): void {
    if (requester.isExemptFromLimits) return;
    this.#invitesPerIssuer.check(requester.user);
    if (room !== undefined) this.#invitesPerRoom.check(room);
    this.#invitesPerUser.check(target);
  }

  /** An invite by a user of another server, which limits what its users and its rooms do. */
  inviteFromElsewhere(target: string): void {
    this.#invitesPerUser.check(target);
  }

  /** Refuses joins of a room that too many join at the moment, without counting this one. */
  joinFromElsewhere(room: RoomNid): void {
    this.#joinsPerRoom.checkOnly(room);
  }

  countJoinFromElsewhere(room: RoomNid): void {
    this.#joinsPerRoom.allows(room);
  }
}
