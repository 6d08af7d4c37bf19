import { MatrixError, type federation } from '@myelin/api';
import { getOwn, parseUserId, type JsonObject } from '@myelin/protocol';
import type { Handler } from '../../../http/index.ts';
import type { Accounts } from '../../accounts/index.ts';
import type { Names } from '../../names/index.ts';
import type { Profiles } from '../../profiles/index.ts';

export interface ProfileQueryParts {
  readonly serverName: string;
  readonly names: Names;
  readonly accounts: Accounts;
  readonly profiles: Profiles;
  /** `allow_profile_lookup_over_federation` */
  readonly isAllowed: boolean;
}

export function queryProfileHandler(parts: ProfileQueryParts): Handler<typeof federation.queryProfile> {
  const { serverName, names, accounts, profiles, isAllowed } = parts;
  return async ({ query }) => {
    if (!isAllowed)
      throw new MatrixError('M_FORBIDDEN', 'Profile lookup over federation is disabled on this homeserver');
    const id = parseUserId(query.user_id);
    if (!id) throw new MatrixError('M_INVALID_PARAM', 'That is not a user id');
    if (id.serverName !== serverName) throw new MatrixError('M_UNKNOWN', 'User is not hosted on this homeserver');
    const user = await names.findUser(query.user_id);
    if (user === undefined || !(await accounts.isLocal(user)))
      throw new MatrixError('M_NOT_FOUND', 'Profile was not found');
    const profile = await profiles.of(user);
    if (query.field === undefined) return { ...profile };
    const value = getOwn(profile, query.field);
    return (value === undefined ? {} : { [query.field]: value }) as JsonObject;
  };
}
