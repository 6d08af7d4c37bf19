import type { registerWithSharedSecret } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import { registeredAnswer } from '../registered-answer.ts';
import type { SharedSecretRegistration } from '../shared-secret.ts';

export function registerWithSharedSecretHandler(
  registration: SharedSecretRegistration,
  serverName: string,
): Handler<typeof registerWithSharedSecret> {
  return async ({ body }) => registeredAnswer(await registration.register(body), serverName);
}
