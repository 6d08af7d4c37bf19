import type { DeviceNid, UserNid } from '../features/names/index.ts';

/** Who is calling, as their access token says. */
export interface Requester {
  readonly userId: string;
  readonly user: UserNid;
  /** Absent for tokens without a device (made by administrators). */
  readonly deviceId: string | undefined;
  readonly device: DeviceNid | undefined;
  /** The number of the token's row. */
  readonly token: number;
  readonly isGuest: boolean;
  readonly isAdmin: boolean;
  /** Not limited by `rc_*`: application services and users whom an administrator exempted. */
  readonly isExemptFromLimits: boolean;
}
