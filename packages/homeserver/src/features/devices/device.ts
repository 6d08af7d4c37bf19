import type { DeviceNid, UserNid } from '../names/index.ts';

export interface Device {
  readonly nid: DeviceNid;
  readonly user: UserNid;
  readonly deviceId: string;
  readonly displayName: string | undefined;
  /** Milliseconds since 1970. */
  readonly lastSeenAt: number | undefined;
  readonly lastSeenIp: string | undefined;
  readonly lastSeenUserAgent: string | undefined;
}

export interface DeviceRow {
  nid: number;
  user_nid: number;
  device_id: string;
  display_name: string | null;
  last_seen_at: number | null;
  last_seen_ip: string | null;
  last_seen_user_agent: string | null;
}

export function fromRow(row: DeviceRow): Device {
  return {
    nid: row.nid as DeviceNid,
    user: row.user_nid as UserNid,
    deviceId: row.device_id,
    displayName: row.display_name ?? undefined,
    lastSeenAt: row.last_seen_at ?? undefined,
    lastSeenIp: row.last_seen_ip ?? undefined,
    lastSeenUserAgent: row.last_seen_user_agent ?? undefined,
  };
}
