import type { federation } from '@myelin/api';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { ServerKeyQueries } from '../../encryption-keys/index.ts';

export function getUserDevicesHandler(
  keys: ServerKeyQueries,
  withNames: boolean,
): Handler<typeof federation.getUserDevices> {
  return async ({ params }) => rawJson(await keys.devices(params.userId, withNames));
}
