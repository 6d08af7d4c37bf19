import type { getRoomTags } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { Tags } from '../tags.ts';
import { checkOwn } from './own-data.ts';

export function getRoomTagsHandler(tags: Tags): Handler<typeof getRoomTags> {
  return async ({ params, requester }) => {
    checkOwn(params, requester);
    return { tags: await tags.of(requester.user, params.roomId) };
  };
}
