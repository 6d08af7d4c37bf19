import { MatrixError, type getFilter } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { Filters } from '../filters.ts';

export function getFilterHandler(filters: Filters): Handler<typeof getFilter> {
  return async ({ params, requester }) => {
    if (params.userId !== requester.userId) throw new MatrixError('M_FORBIDDEN', 'Cannot get filters for other users');
    return (await filters.get(requester.user, params.filterId)) as never;
  };
}
