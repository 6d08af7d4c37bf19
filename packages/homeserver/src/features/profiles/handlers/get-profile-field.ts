import type { getProfileField } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { ProfileLookup } from '../profile-lookup.ts';

export function getProfileFieldHandler(lookup: ProfileLookup): Handler<typeof getProfileField> {
  return async ({ params, optionalRequester, request }) => ({
    [params.keyName]: await lookup.field(
      { requester: optionalRequester, ip: request.ip },
      params.userId,
      params.keyName,
    ),
  });
}
