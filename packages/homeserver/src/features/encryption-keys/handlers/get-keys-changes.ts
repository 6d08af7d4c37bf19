import type { getKeysChanges } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import { parseSyncToken } from '../../sync/index.ts';
import type { KeyChanges } from '../key-changes.ts';

export function getKeysChangesHandler(changes: KeyChanges): Handler<typeof getKeysChanges> {
  return async ({ query, requester }) => {
    // Checked, but what changed after it is told as well: it would be told soon anyway.
    if (query.to !== undefined) parseSyncToken(query.to);
    return changes.since(requester.user, parseSyncToken(query.from));
  };
}
