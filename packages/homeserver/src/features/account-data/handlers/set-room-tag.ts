import type { setRoomTag } from '@myelin/api';
import type { JsonObject } from '@myelin/protocol';
import type { Handler } from '../../../http/index.ts';
import type { Tags } from '../tags.ts';
import { checkOwn } from './own-data.ts';

export function setRoomTagHandler(tags: Tags): Handler<typeof setRoomTag> {
  return async ({ params, body, requester }) => {
    checkOwn(params, requester);
    const { order, ...rest } = body;
    const info = typeof order === 'number' ? { order, ...rest } : rest;
    await tags.set(requester.user, params.roomId, params.tag, info as JsonObject);
    return {};
  };
}
