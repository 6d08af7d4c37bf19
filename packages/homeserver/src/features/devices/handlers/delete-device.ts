import type { deleteDevice } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { Reauthentication } from '../../user-interactive-auth/index.ts';
import type { DeviceManager } from '../device-manager.ts';

export function deleteDeviceHandler(
  devices: DeviceManager,
  reauthentication: Reauthentication,
): Handler<typeof deleteDevice> {
  return async ({ params, body, requester, request }) => {
    await reauthentication.require(requester, {
      operation: `deleteDevice ${params.deviceId}`,
      body,
      ip: request.ip,
      acceptsRecent: true,
    });
    await devices.delete(requester.user, [params.deviceId]);
    return {};
  };
}
