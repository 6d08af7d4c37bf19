import { MatrixError, type federation } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';

/** Types of queries that there are have endpoints of their own. */
export function queryInfoHandler(): Handler<typeof federation.queryInfo> {
  return async () => {
    throw new MatrixError('M_UNRECOGNIZED', 'No handler for this type of query');
  };
}
