import type { updateDevice } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { DeviceManager } from '../device-manager.ts';

export function updateDeviceHandler(devices: DeviceManager): Handler<typeof updateDevice> {
  return async ({ params, body, requester }) => {
    await devices.rename(requester, params.deviceId, body.display_name ?? undefined);
    return {};
  };
}
