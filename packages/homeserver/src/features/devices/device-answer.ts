import type { Device } from './device.ts';

/** A device as its owner sees it. */
export function deviceAnswer(device: Device): {
  device_id: string;
  display_name?: string;
  last_seen_ip?: string;
  last_seen_ts?: number;
} {
  return {
    device_id: device.deviceId,
    ...(device.displayName !== undefined && { display_name: device.displayName }),
    ...(device.lastSeenIp !== undefined && { last_seen_ip: device.lastSeenIp }),
    ...(device.lastSeenAt !== undefined && { last_seen_ts: device.lastSeenAt }),
  };
}
