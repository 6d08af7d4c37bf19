import type { DeviceNid, EventNid, RoomNid, UserNid } from '../names/index.ts';

/** What happened, told to whoever waits: enough to know whom it concerns, not what it was. */
export type Change =
  | {
      readonly kind: 'event';
      readonly room: RoomNid;
      readonly event: EventNid;
      /** Local users whose own membership it changes. */ readonly users?: readonly UserNid[];
      /** The same of other servers' users, a thousand of them at most. */ readonly others?: readonly UserNid[];
    }
  | {
      readonly kind: 'receipt';
      readonly room: RoomNid;
      /** Only these may see it (private receipts); absent: all in the room. */ readonly users?: readonly UserNid[];
    }
  | { readonly kind: 'typing'; readonly room: RoomNid }
  | { readonly kind: 'presence'; readonly user: UserNid }
  | { readonly kind: 'account-data'; readonly users: readonly UserNid[]; readonly room?: RoomNid }
  | { readonly kind: 'push-rules'; readonly users: readonly UserNid[] }
  | {
      readonly kind: 'to-device';
      readonly users: readonly UserNid[];
      /** Those of the users' devices that it is for. */ readonly devices: readonly DeviceNid[];
    }
  | {
      readonly kind: 'device-list';
      /** Whose devices or keys changed. */ readonly user: UserNid;
      /** Who shares a room with them is told through these. */ readonly rooms: readonly RoomNid[];
      /** Not their own keys changed: they have signed those of others, which only they are told. */ readonly signed?: readonly UserNid[];
    }
  | {
      readonly kind: 'one-time-keys';
      readonly users: readonly UserNid[];
      /** Those of the users' devices whose keys were given out. */ readonly devices: readonly DeviceNid[];
    };

/** All those whose membership an event changes, of whatever server. Most events change none. */
export function movedUsers(change: Change): readonly UserNid[] {
  if (change.kind !== 'event') return nobody;
  if (!change.others) return change.users ?? nobody;
  return change.users ? [...change.users, ...change.others] : change.others;
}

const nobody: readonly UserNid[] = [];

export interface PositionedChange {
  readonly position: number;
  readonly change: Change;
}
