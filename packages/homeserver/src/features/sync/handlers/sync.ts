import type { QueryOf, sync } from '@myelin/api';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { StateAfter } from '../sync-request.ts';
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
          stateAfter: stateAfterOf(query),
          setPresence: query.set_presence,
          timeout: query.timeout ?? 0,
        },
        request.signal,
      ),
    );
}

/** Clients from before the option was in the specification look for the answer under the name that it had then. */
function stateAfterOf(query: QueryOf<typeof sync>): StateAfter | undefined {
  if (query.use_state_after) return 'state_after';
  return query['org.matrix.msc4222.use_state_after'] ? 'org.matrix.msc4222.state_after' : undefined;
}
