import { roomVersions } from '@myelin/protocol';

export interface CapabilityFacts {
  readonly defaultRoomVersion: string;
  readonly changesPasswords: boolean;
  readonly setsDisplayname: boolean;
  readonly setsAvatarUrl: boolean;
}

/** What GET /capabilities tells. Client-Server API §"Capabilities negotiation". */
export function capabilities(facts: CapabilityFacts): Record<string, Record<string, unknown>> {
  const disallowed = [
    ...(facts.setsDisplayname ? [] : ['displayname']),
    ...(facts.setsAvatarUrl ? [] : ['avatar_url']),
  ];
  return {
    'm.room_versions': {
      default: facts.defaultRoomVersion,
      available: Object.fromEntries(roomVersions.map(({ id, stable }) => [id, stable ? 'stable' : 'unstable'])),
    },
    'm.change_password': { enabled: facts.changesPasswords },
    'm.set_displayname': { enabled: facts.setsDisplayname },
    'm.set_avatar_url': { enabled: facts.setsAvatarUrl },
    'm.profile_fields': { enabled: true, ...(disallowed.length > 0 && { disallowed }) },
    'm.3pid_changes': { enabled: false },
    'm.get_login_token': { enabled: false },
  };
}
