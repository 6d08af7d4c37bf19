import type { PresenceRecord, PresenceRow, PresenceState } from './presence-record.ts';

/** What GET /presence/{userId}/status answers, and the content of m.presence. */
export interface PresenceContent {
  readonly presence: PresenceState;
  readonly last_active_ago?: number;
  readonly status_msg?: string;
  readonly currently_active?: boolean;
}

type Shown = Pick<PresenceRecord, 'shown' | 'lastActive'>;

export function contentOf(
  { shown: { state, statusMsg, currentlyActive }, lastActive }: Shown,
  now: number,
): PresenceContent {
  return {
    presence: state,
    ...ago(lastActive, now),
    ...(statusMsg ? { status_msg: statusMsg } : {}),
    ...(state === 'online' ? { currently_active: currentlyActive } : {}),
  };
}

/** Of somebody who isn't there; `row`: what was stored of them. */
export function offlineContent(row: PresenceRow | undefined, now: number): PresenceContent {
  return {
    presence: 'offline',
    ...ago(row?.lastActive, now),
    ...(row?.statusMsg ? { status_msg: row.statusMsg } : {}),
  };
}

/** The m.presence event as JSON text. */
export function presenceEvent(userId: string, record: Shown | undefined, now: number): string {
  const content = record ? contentOf(record, now) : offlineContent(undefined, now);
  return `{"type":"m.presence","sender":${JSON.stringify(userId)},"content":${JSON.stringify(content)}}`;
}

function ago(lastActive: number | undefined, now: number): { last_active_ago?: number } {
  return lastActive === undefined ? {} : { last_active_ago: Math.max(0, now - lastActive) };
}
