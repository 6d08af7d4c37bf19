import type { UserNid } from '../names/index.ts';

export interface AccountFlags {
  readonly isGuest: boolean;
  readonly isAdmin: boolean;
  readonly deactivated: boolean;
  /** Refused everywhere but at logout, until an administrator unlocks it. Client-Server API §"Account locking". */
  readonly locked: boolean;
  /** May read but not act. Client-Server API §"Account suspension". */
  readonly suspended: boolean;
  readonly shadowBanned: boolean;
  /** Asked at deactivation that what they wrote be hidden from those who come later. */
  readonly erased: boolean;
}

export interface Account extends AccountFlags {
  readonly user: UserNid;
  /** Undefined: can't log in with a password. */
  readonly passwordHash: string | undefined;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly userType: string | undefined;
  readonly consentVersion: string | undefined;
}

export interface AccountRow {
  user_nid: number;
  password_hash: string | null;
  created_at: number;
  is_guest: number;
  is_admin: number;
  deactivated: number;
  locked: number;
  suspended: number;
  shadow_banned: number;
  erased: number;
  user_type: string | null;
  consent_version: string | null;
}

export const flagColumns = {
  isAdmin: 'is_admin',
  isGuest: 'is_guest',
  deactivated: 'deactivated',
  locked: 'locked',
  suspended: 'suspended',
  shadowBanned: 'shadow_banned',
  erased: 'erased',
} as const satisfies Record<keyof AccountFlags, string>;

export function fromRow(row: AccountRow): Account {
  return {
    user: row.user_nid as UserNid,
    passwordHash: row.password_hash ?? undefined,
    createdAt: row.created_at,
    isGuest: row.is_guest !== 0,
    isAdmin: row.is_admin !== 0,
    deactivated: row.deactivated !== 0,
    locked: row.locked !== 0,
    suspended: row.suspended !== 0,
    shadowBanned: row.shadow_banned !== 0,
    erased: row.erased !== 0,
    userType: row.user_type ?? undefined,
    consentVersion: row.consent_version ?? undefined,
  };
}
