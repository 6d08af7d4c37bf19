import type { uploadCrossSigningSignatures } from '@myelin/api';
import type { JsonObject } from '@myelin/protocol';
import type { Handler } from '../../../http/index.ts';
import type { SignatureUploads } from '../signature-uploads.ts';

export function uploadCrossSigningSignaturesHandler(
  uploads: SignatureUploads,
): Handler<typeof uploadCrossSigningSignatures> {
  return async ({ body, requester }) => ({
    failures: await uploads.upload(requester, body as Record<string, Record<string, JsonObject>>),
  });
}
