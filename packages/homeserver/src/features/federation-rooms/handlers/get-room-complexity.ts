import type { federation } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { RoomComplexity } from '../room-complexity.ts';

export function getRoomComplexityHandler(complexity: RoomComplexity): Handler<typeof federation.getRoomComplexity> {
  return async ({ params }) => ({ v1: await complexity.of(params.roomId) });
}
