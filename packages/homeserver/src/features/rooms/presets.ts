import type { JsonObject } from '@myelin/protocol';

export type RoomPreset = 'public_chat' | 'private_chat' | 'trusted_private_chat';

/** What a preset stands for. Client-Server API §POST /createRoom. */
export interface PresetRules {
  readonly joinRule: 'public' | 'invite';
  readonly historyVisibility: 'shared';
  readonly guestAccess: 'can_join' | 'forbidden';
  /** Invitees get the creator's power level. */
  readonly trustInvitees: boolean;
  /** What differs from the usual power levels: in rooms to talk to one or few, everybody may invite. */
  readonly levels: { readonly invite?: number; readonly events?: Readonly<Record<string, number>> };
}

export const presets: Readonly<Record<RoomPreset, PresetRules>> = {
  private_chat: {
    joinRule: 'invite',
    historyVisibility: 'shared',
    guestAccess: 'can_join',
    trustInvitees: false,
    levels: { invite: 0 },
  },
  trusted_private_chat: {
    joinRule: 'invite',
    historyVisibility: 'shared',
    guestAccess: 'can_join',
    trustInvitees: true,
    levels: { invite: 0 },
  },
  public_chat: {
    joinRule: 'public',
    historyVisibility: 'shared',
    guestAccess: 'forbidden',
    trustInvitees: false,
    // Where everybody can enter, not everybody may make all telephones ring.
    levels: { events: { 'm.call.invite': 50 } },
  },
};

/**
 * The first power levels of a room, as Synapse sets them. `users` is empty where creators stand above all levels (room
 * version 12): then `tombstone` needs more than an administrator has.
 */
export function initialPowerLevels(
  users: Readonly<Record<string, number>>,
  privilegedCreators: boolean,
  preset: RoomPreset,
): JsonObject {
  const { events, ...levels } = presets[preset].levels;
  return {
    ban: 50,
    events: {
      'm.room.avatar': 50,
      'm.room.canonical_alias': 50,
      'm.room.encryption': 100,
      'm.room.history_visibility': 100,
      'm.room.name': 50,
      'm.room.power_levels': 100,
      'm.room.server_acl': 100,
      'm.room.tombstone': privilegedCreators ? 150 : 100,
      ...events,
    },
    events_default: 0,
    historical: 100,
    invite: 50,
    kick: 50,
    redact: 50,
    state_default: 50,
    users: { ...users },
    users_default: 0,
    ...levels,
  };
}
