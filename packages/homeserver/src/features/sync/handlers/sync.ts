import type { sync } from '@myelin/api';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { SyncService } from '../sync-service.ts';

export function syncHandler(service: SyncService): Handler<typeof sync> {
  return async ({ query, requester, request }) =>
    rawJson(
      await service.sync(
        requester,
        {
          filter: query.filter,
          since: query.since,
          fullState: query.full_state ?? false,
          useStateAfter: query.use_state_after ?? query['org.matrix.msc4222.use_state_after'] ?? false,
          setPresence: query.set_presence,
          timeout: query.timeout ?? 0,
        },
        request.signal,
      ),
    );
}
