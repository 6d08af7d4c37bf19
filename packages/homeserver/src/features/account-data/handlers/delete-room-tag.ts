import type { deleteRoomTag } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { Tags } from '../tags.ts';
import { checkOwn } from './own-data.ts';

export function deleteRoomTagHandler(tags: Tags): Handler<typeof deleteRoomTag> {
  return async ({ params, requester }) => {
    checkOwn(params, requester);
    await tags.remove(requester.user, params.roomId, params.tag);
    return {};
  };
}
