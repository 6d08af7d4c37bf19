import type { getDevice } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import { deviceAnswer } from '../device-answer.ts';
import type { DeviceManager } from '../device-manager.ts';

export function getDeviceHandler(devices: DeviceManager): Handler<typeof getDevice> {
  return async ({ params, requester }) => deviceAnswer(await devices.get(requester.user, params.deviceId));
}
