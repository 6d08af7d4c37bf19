import type { uploadCrossSigningKeys } from '@myelin/api';
import type { JsonObject } from '@myelin/protocol';
import type { Handler } from '../../../http/index.ts';
import type { Reauthentication } from '../../user-interactive-auth/index.ts';
import type { CrossSigningUsage } from '../cross-signing-store.ts';
import type { CrossSigning } from '../cross-signing.ts';

/** Keys that are there can't be replaced without proving who one is. */
export function uploadCrossSigningKeysHandler(
  crossSigning: CrossSigning,
  reauthentication: Reauthentication,
): Handler<typeof uploadCrossSigningKeys> {
  return async ({ body, requester, request }) => {
    const upload = new Map<CrossSigningUsage, JsonObject>();
    if (body.master_key) upload.set('master', body.master_key as JsonObject);
    if (body.self_signing_key) upload.set('self_signing', body.self_signing_key as JsonObject);
    if (body.user_signing_key) upload.set('user_signing', body.user_signing_key as JsonObject);
    if (await crossSigning.upload(requester, upload, false)) return {};
    await reauthentication.require(requester, { operation: 'uploadCrossSigningKeys', body, ip: request.ip });
    await crossSigning.upload(requester, upload, true);
    return {};
  };
}
