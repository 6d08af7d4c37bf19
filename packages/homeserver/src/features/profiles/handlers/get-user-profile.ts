import type { getUserProfile } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { ProfileLookup } from '../profile-lookup.ts';

export function getUserProfileHandler(lookup: ProfileLookup): Handler<typeof getUserProfile> {
  return async ({ params, optionalRequester, request }) => ({
    ...(await lookup.whole({ requester: optionalRequester, ip: request.ip }, params.userId)),
  });
}
