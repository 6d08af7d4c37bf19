import type { getTokenOwner } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';

export function getTokenOwnerHandler(): Handler<typeof getTokenOwner> {
  return async ({ requester }) => ({
    user_id: requester.userId,
    is_guest: requester.isGuest,
    ...(requester.deviceId !== undefined && { device_id: requester.deviceId }),
  });
}
