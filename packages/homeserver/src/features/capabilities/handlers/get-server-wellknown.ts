import { MatrixError, type federation } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { serverWellKnown } from '../well-known.ts';

export function getServerWellknownHandler(
  content: ReturnType<typeof serverWellKnown>,
): Handler<typeof federation.getWellKnown> {
  return async () => {
    if (!content) throw new MatrixError('M_NOT_FOUND', '.well-known not available');
    return content;
  };
}
