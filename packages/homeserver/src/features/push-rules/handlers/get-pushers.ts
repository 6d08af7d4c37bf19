import type { getPushers } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { Pushers } from '../pushers.ts';

export function getPushersHandler(pushers: Pushers): Handler<typeof getPushers> {
  return async ({ requester }) => ({
    pushers: (await pushers.of(requester.user)).map((pusher) => ({
      pushkey: pusher.pushkey,
      kind: pusher.kind,
      app_id: pusher.appId,
      app_display_name: pusher.appDisplayName,
      device_display_name: pusher.deviceDisplayName,
      profile_tag: pusher.profileTag,
      lang: pusher.lang,
      data: pusher.data,
    })),
  });
}
