import { MatrixError, type BodyOf, type postPusher } from '@myelin/api';
import type { JsonObject } from '@myelin/protocol';
import type { Handler } from '../../../http/index.ts';
import type { Pusher, Pushers } from '../pushers.ts';

export function postPusherHandler(pushers: Pushers): Handler<typeof postPusher> {
  return async ({ body, requester }) => {
    if (body.kind === null) await pushers.remove(requester.user, body.app_id, body.pushkey);
    else await pushers.set(requester.user, requester.device, pusherOf(body, body.kind), body.append ?? false);
    return {};
  };
}

function pusherOf(body: BodyOf<typeof postPusher>, kind: string): Pusher {
  return {
    appId: body.app_id,
    pushkey: body.pushkey,
    kind,
    appDisplayName: required('app_display_name', body.app_display_name),
    deviceDisplayName: required('device_display_name', body.device_display_name),
    lang: required('lang', body.lang),
    profileTag: body.profile_tag ?? '',
    data: required('data', body.data) as JsonObject,
  };
}

function required<T>(name: string, value: T | null | undefined): T {
  if (value === null || value === undefined) throw new MatrixError('M_MISSING_PARAM', `'${name}' is missing`);
  return value;
}
