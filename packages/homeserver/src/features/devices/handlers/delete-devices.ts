import type { deleteDevices } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { Reauthentication } from '../../user-interactive-auth/index.ts';
import type { DeviceManager } from '../device-manager.ts';

export function deleteDevicesHandler(
  devices: DeviceManager,
  reauthentication: Reauthentication,
): Handler<typeof deleteDevices> {
  return async ({ body, requester, request }) => {
    await reauthentication.require(requester, {
      operation: 'deleteDevices',
      body,
      ip: request.ip,
      acceptsRecent: true,
    });
    await devices.delete(requester.user, body.devices);
    return {};
  };
}
