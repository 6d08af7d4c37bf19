import type { Clock } from '@myelin/runtime';
import type { RateLimitsConfig } from '../../config/index.ts';
import { RateLimiter, type Requester } from '../../http/index.ts';
import type { RoomNid } from '../names/index.ts';

/** `rc_joins`, `rc_joins_per_room`, `rc_invites`. */
export class MembershipLimits {
  readonly #joins: RateLimiter;
  readonly #joinsPerRoom: RateLimiter;
  readonly #invitesPerIssuer: RateLimiter;
  readonly #invitesPerRoom: RateLimiter;
  readonly #invitesPerUser: RateLimiter;

  constructor(clock: Clock, limits: RateLimitsConfig) {
    this.#joins = new RateLimiter(clock, limits.joinsLocal);
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

  invite(requester: Requester, room: RoomNid | undefined, target: string): void {
    if (requester.isExemptFromLimits) return;
    this.#invitesPerIssuer.check(requester.user);
    if (room !== undefined) this.#invitesPerRoom.check(room);
    this.#invitesPerUser.check(target);
  }
}
