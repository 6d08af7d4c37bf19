import type { Clock, Timers } from '@myelin/runtime';
import type { RateLimiter } from '../../http/index.ts';
import type { Log } from '../../observability/log.ts';
import type { Names } from '../names/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { Streams } from '../streams/index.ts';
import type { PresenceTimes } from './presence-record.ts';
import type { PresenceStore } from './presence-store.ts';

export interface PresenceSettings extends PresenceTimes {
  readonly enabled: boolean;
  /** Whether the server follows who is there itself. */
  readonly tracked: boolean;
  readonly includeOfflineUsersOnSync: boolean;
  /** Rooms whose members don't see each other's presence because of them, by room id. */
  readonly excludedRooms: ReadonlySet<string>;
}

export interface PresenceParts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly names: Names;
  readonly members: RoomMembers;
  readonly streams: Streams;
  readonly store: PresenceStore;
  /** `rc_presence.per_user` */
  readonly limiter: RateLimiter;
  readonly settings: PresenceSettings;
}
