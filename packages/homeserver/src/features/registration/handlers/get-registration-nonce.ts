import type { getRegistrationNonce } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { SharedSecretRegistration } from '../shared-secret.ts';

export function getRegistrationNonceHandler(
  registration: SharedSecretRegistration,
): Handler<typeof getRegistrationNonce> {
  return async () => ({ nonce: registration.nonce() });
}
