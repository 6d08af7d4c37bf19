import { MatrixError } from '@myelin/api';
import type { DeviceNid, UserNid } from '../nids.ts';

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
  /** May read, leave, and take back what they said; see `refuseSuspended`. */
  readonly isSuspended: boolean;
  /** Set if the user must agree to the terms of the server before they act; makes the refusal. See `requireConsent`. */
  readonly consentRefusal?: (() => MatrixError) | undefined;
  /** Not limited by `rc_*`: application services and users whom an administrator exempted. */
  readonly isExemptFromLimits: boolean;
}

/** Throws M_USER_SUSPENDED, for what reaches others. Client-Server API §"Account suspension". */
export function refuseSuspended({ isSuspended }: Requester): void {
  if (isSuspended) throw new MatrixError('M_USER_SUSPENDED', 'You cannot perform this action while suspended.');
}

/** Throws M_CONSENT_NOT_GIVEN, for what makes events. Leaving is always possible. */
export function requireConsent({ consentRefusal }: Requester): void {
  if (consentRefusal) throw consentRefusal();
}
