import { MatrixError, type defineFilter } from '@myelin/api';
import type { JsonObject } from '@myelin/protocol';
import type { Handler } from '../../../http/index.ts';
import type { Filters } from '../filters.ts';

export function defineFilterHandler(filters: Filters): Handler<typeof defineFilter> {
  return async ({ params, body, requester }) => {
    if (params.userId !== requester.userId)
      throw new MatrixError('M_FORBIDDEN', 'Cannot create filters for other users');
    return { filter_id: await filters.add(requester.user, body as JsonObject) };
  };
}
