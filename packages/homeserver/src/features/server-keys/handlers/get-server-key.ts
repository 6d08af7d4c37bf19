import type { federation } from '@myelin/api';
import { canonicalJson } from '@myelin/protocol';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { OwnKeys } from '../own-keys.ts';

/** As it was signed: some check the signature on the text that they got. */
export function getServerKeyHandler(keys: OwnKeys): Handler<typeof federation.getServerKey> {
  return async () => rawJson(canonicalJson(keys.published()));
}
