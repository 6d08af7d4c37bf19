import {
  claimKeys,
  getKeysChanges,
  queryKeys,
  uploadCrossSigningKeys,
  uploadCrossSigningSignatures,
  uploadKeys,
} from '@myelin/api';
import { route, type Route } from '../../http/index.ts';
import type { Reauthentication } from '../user-interactive-auth/index.ts';
import type { EncryptionKeys } from './create-encryption-keys.ts';
import { claimKeysHandler } from './handlers/claim-keys.ts';
import { getKeysChangesHandler } from './handlers/get-keys-changes.ts';
import { queryKeysHandler } from './handlers/query-keys.ts';
import { uploadCrossSigningKeysHandler } from './handlers/upload-cross-signing-keys.ts';
import { uploadCrossSigningSignaturesHandler } from './handlers/upload-cross-signing-signatures.ts';
import { uploadKeysHandler } from './handlers/upload-keys.ts';

export function encryptionKeysRoutes(keys: EncryptionKeys, reauthentication: Reauthentication): Route[] {
  return [
    route(uploadKeys, uploadKeysHandler(keys.uploads)),
    route(queryKeys, queryKeysHandler(keys.queries)),
    route(claimKeys, claimKeysHandler(keys.claims)),
    route(getKeysChanges, getKeysChangesHandler(keys.changes)),
    route(uploadCrossSigningKeys, uploadCrossSigningKeysHandler(keys.crossSigning, reauthentication)),
    route(uploadCrossSigningSignatures, uploadCrossSigningSignaturesHandler(keys.signatureUploads)),
  ];
}
