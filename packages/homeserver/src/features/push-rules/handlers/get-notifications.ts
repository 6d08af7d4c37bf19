import type { getNotifications } from '@myelin/api';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { Notifications } from '../notifications.ts';

export function getNotificationsHandler(notifications: Notifications): Handler<typeof getNotifications> {
  return async ({ query, requester }) =>
    rawJson(
      await notifications.list(requester, {
        from: query.from,
        limit: query.limit,
        highlightsOnly: query.only === 'highlight',
      }),
    );
}
