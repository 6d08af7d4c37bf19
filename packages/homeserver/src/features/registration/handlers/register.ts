import type { register } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import { registeredAnswer } from '../registered-answer.ts';
import type { Registration } from '../registration.ts';

export function registerHandler(registration: Registration, serverName: string): Handler<typeof register> {
  return async ({ query, body, request }) => {
    const registered =
      query.kind === 'guest'
        ? await registration.registerGuest(body, request.ip)
        : await registration.register(body, request.ip);
    return registeredAnswer(registered, serverName);
  };
}
