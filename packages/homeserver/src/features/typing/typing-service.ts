import { MatrixError } from '@myelin/api';
import type { Clock } from '@myelin/runtime';
import { RateLimiter, type Requester } from '../../http/index.ts';
import type { ActivityPort } from '../receipts/index.ts';
import type { RoomAccess } from '../room-events/index.ts';
import type { Typing } from './typing.ts';

/** In milliseconds. */
const usualTimeout = 30_000;
const longestTimeout = 120_000;

/** Each change wakes everybody in the room: nobody types on and off faster than this. */
const limit = { perSecond: 5, burstCount: 100 };

/** What local users say about their typing. */
export class TypingService {
  readonly #typing: Typing;
  readonly #access: RoomAccess;
  readonly #activity: ActivityPort;
  readonly #limiter: RateLimiter;

  constructor(typing: Typing, access: RoomAccess, activity: ActivityPort, clock: Clock) {
    this.#typing = typing;
    this.#access = access;
    this.#activity = activity;
    this.#limiter = new RateLimiter(clock, limit);
  }

  /** `timeout` in milliseconds. Throws M_FORBIDDEN for another user, and for rooms that the user isn't in. */
  async set(
    requester: Requester,
    roomId: string,
    userId: string,
    isTyping: boolean,
    timeout: number | undefined,
  ): Promise<void> {
    if (userId !== requester.userId)
      throw new MatrixError('M_FORBIDDEN', 'You can only say of yourself that you are typing');
    if (!requester.isExemptFromLimits) this.#limiter.check(requester.user);
    const { room } = await this.#access.requireJoined(roomId, requester);
    this.#activity.active(requester);
    if (isTyping)
      this.#typing.begin(room, { user: requester.user, userId }, Math.min(timeout ?? usualTimeout, longestTimeout));
    else this.#typing.end(room, requester.user);
  }
}
