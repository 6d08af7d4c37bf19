import { rawJson, type Answer } from '../../../http/index.ts';
import type { Backup } from '../backup-store.ts';

/** What a client is told of a backup. */
export function backupAnswer({ algorithm, authData, keys, etag, version }: Backup): Answer {
  return rawJson(
    `{"algorithm":${JSON.stringify(algorithm)},"auth_data":${authData},"count":${keys},"etag":"${etag}","version":"${version}"}`,
  );
}
