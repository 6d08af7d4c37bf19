import type { Context } from './context.ts';

export interface ServerNoticesConfig {
  /** Of the user in whose name notices are sent. */
  readonly localpart: string;
  readonly displayName: string | undefined;
  readonly avatarUrl: string | undefined;
  readonly roomName: string | undefined;
  readonly roomAvatarUrl: string | undefined;
  readonly roomTopic: string | undefined;
  /** Users are brought into the room instead of being invited. */
  readonly autoJoin: boolean;
}

/** undefined: there are no notices. */
export function readServerNotices({ values }: Context): ServerNoticesConfig | undefined {
  if (values.mapping('server_notices') === undefined) return undefined;
  const text = (name: string): string | undefined => values.optionalString(`server_notices.${name}`) || undefined;
  return {
    localpart: values.string('server_notices.system_mxid_localpart'),
    displayName: text('system_mxid_display_name'),
    avatarUrl: text('system_mxid_avatar_url'),
    roomName: text('room_name'),
    roomAvatarUrl: text('room_avatar_url'),
    roomTopic: text('room_topic'),
    autoJoin: values.boolean('server_notices.auto_join'),
  };
}
