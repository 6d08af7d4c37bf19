import type { Mapping, Values } from '../values.ts';
import type { Context } from './context.ts';

export interface RoomsConfig {
  /** Presets whose new rooms are encrypted if the client doesn't say otherwise. */
  readonly encryptedPresets: ReadonlySet<RoomPreset>;
  /** Members that replace those of the first m.room.power_levels, by preset. */
  readonly powerLevelOverrides: Readonly<Partial<Record<RoomPreset, Mapping>>>;
  readonly forgetOnLeave: boolean;
  readonly excludedFromSync: ReadonlySet<string>;
  readonly excludedFromPresence: ReadonlySet<string>;
  readonly requireMembershipForAliases: boolean;
  readonly directory: DirectoryConfig;
  readonly remoteLimit: RemoteRoomLimit | undefined;
  /** Types of state events that invitations and knocks show besides the usual ones, or (with m.room.create) only they. */
  readonly prejoinState: { readonly disableDefaults: boolean; readonly additional: readonly PrejoinStateType[] };
}

/** Rooms of other servers that are too large are not joined. */
export interface RemoteRoomLimit {
  /** 500 state events make 1. */
  readonly complexity: number;
  readonly message: string;
  readonly adminsCanJoin: boolean;
}

export type RoomPreset = 'public_chat' | 'private_chat' | 'trusted_private_chat';

/** Without a state key every state key is meant. */
export interface PrejoinStateType {
  readonly type: string;
  readonly stateKey: string | undefined;
}

export interface DirectoryConfig {
  readonly publicRoomsWithoutAuth: boolean;
  readonly publicRoomsOverFederation: boolean;
  readonly enableSearch: boolean;
  /** The first rule that matches decides; none matches: denied. */
  readonly aliasCreationRules: readonly DirectoryRule[];
  readonly publicationRules: readonly DirectoryRule[];
}

/** Globs (* and ?). */
export interface DirectoryRule {
  readonly userId: string;
  readonly alias: string;
  readonly roomId: string;
  readonly action: 'allow' | 'deny';
}

const presets: readonly RoomPreset[] = ['public_chat', 'private_chat', 'trusted_private_chat'];

export function readRooms({ values }: Context): RoomsConfig {
  const restricted =
    values.has('restrict_public_rooms_to_local_users') && values.boolean('restrict_public_rooms_to_local_users');
  const oldPrejoin = values.optionalStrings('room_invite_state_types');
  return {
    encryptedPresets: encryptedPresets(values),
    powerLevelOverrides: powerLevelOverrides(values),
    forgetOnLeave: values.boolean('forget_rooms_on_leave'),
    excludedFromSync: new Set(values.strings('exclude_rooms_from_sync')),
    excludedFromPresence: new Set(values.strings('exclude_rooms_from_presence')),
    requireMembershipForAliases: values.boolean('require_membership_for_aliases'),
    directory: {
      publicRoomsWithoutAuth: !restricted && values.boolean('allow_public_rooms_without_auth'),
      publicRoomsOverFederation: !restricted && values.boolean('allow_public_rooms_over_federation'),
      enableSearch: values.boolean('enable_room_list_search'),
      aliasCreationRules: rules(values, 'alias_creation_rules') ?? [
        { userId: '*', alias: '*', roomId: '*', action: 'allow' },
      ],
      publicationRules: rules(values, 'room_list_publication_rules') ?? [],
    },
    remoteLimit: remoteLimit(values),
    prejoinState: {
      disableDefaults: oldPrejoin !== undefined || values.boolean('room_prejoin_state.disable_default_event_types'),
      additional: oldPrejoin?.map((type) => ({ type, stateKey: undefined })) ?? prejoinTypes(values),
    },
  };
}

function remoteLimit(values: Values): RemoteRoomLimit | undefined {
  const limit = {
    complexity: values.number('limit_remote_rooms.complexity'),
    message: values.string('limit_remote_rooms.complexity_error'),
    adminsCanJoin: values.boolean('limit_remote_rooms.admins_can_join'),
  };
  return values.boolean('limit_remote_rooms.enabled') ? limit : undefined;
}

function encryptedPresets(values: Values): ReadonlySet<RoomPreset> {
  const name = 'encryption_enabled_by_default_for_room_type';
  // Without quotes YAML 1.1 reads `off` as false.
  if (values.raw(name) === false) return new Set();
  const choice = values.oneOf(name, ['all', 'invite', 'off']);
  if (choice === 'all') return new Set(presets);
  return new Set(choice === 'invite' ? (['private_chat', 'trusted_private_chat'] as const) : []);
}

function powerLevelOverrides(values: Values): RoomsConfig['powerLevelOverrides'] {
  const name = 'default_power_level_content_override';
  const overrides = values.mapping(name) ?? {};
  for (const [preset, content] of Object.entries(overrides)) {
    if (!(presets as readonly string[]).includes(preset))
      throw values.fail(`${name}.${preset}`, `there is no such preset; known are ${presets.join(', ')}`);
    if (content !== null && (typeof content !== 'object' || Array.isArray(content)))
      throw values.wrong(`${name}.${preset}`, 'a mapping', content);
  }
  return Object.fromEntries(
    Object.entries(overrides).filter(([, content]) => content !== null),
  ) as RoomsConfig['powerLevelOverrides'];
}

function rules(values: Values, name: string): DirectoryRule[] | undefined {
  return values.items(name)?.map((rule) => ({
    userId: rule.optionalString('user_id') ?? '*',
    alias: rule.optionalString('alias') ?? '*',
    roomId: rule.optionalString('room_id') ?? '*',
    action: rule.oneOf('action', ['allow', 'deny']),
  }));
}

function prejoinTypes(values: Values): PrejoinStateType[] {
  const name = 'room_prejoin_state.additional_event_types';
  const list = values.raw(name) ?? [];
  if (!Array.isArray(list)) throw values.wrong(name, 'a list', list);
  return (list as unknown[]).map((item, at) => {
    if (typeof item === 'string') return { type: item, stateKey: undefined };
    if (Array.isArray(item) && item.length === 2 && typeof item[0] === 'string' && typeof item[1] === 'string') {
      return { type: item[0], stateKey: item[1] };
    }
    throw values.wrong(`${name}[${at}]`, 'an event type, or an event type and a state key in brackets', item);
  });
}
