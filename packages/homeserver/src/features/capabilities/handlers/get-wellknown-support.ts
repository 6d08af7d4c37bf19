import { MatrixError, type getWellknownSupport } from '@myelin/api';
import { answer, type Handler } from '../../../http/index.ts';
import type { supportWellKnown } from '../well-known.ts';

export function getWellknownSupportHandler(
  content: ReturnType<typeof supportWellKnown>,
): Handler<typeof getWellknownSupport> {
  return async () => {
    if (!content) throw new MatrixError('M_NOT_FOUND', '.well-known not available');
    return answer(200, content);
  };
}
