import { MatrixError, type getWellknown } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { clientWellKnown } from '../well-known.ts';

export function getWellknownHandler(content: ReturnType<typeof clientWellKnown>): Handler<typeof getWellknown> {
  return async () => {
    if (!content) throw new MatrixError('M_NOT_FOUND', '.well-known not available');
    return content;
  };
}
