import type { checkUsernameAvailability } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { Registration } from '../registration.ts';

export function checkUsernameAvailabilityHandler(
  registration: Registration,
): Handler<typeof checkUsernameAvailability> {
  return async ({ query }) => {
    await registration.checkAvailable(query.username);
    return { available: true };
  };
}
