import type { getDevices } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import { deviceAnswer } from '../device-answer.ts';
import type { DeviceManager } from '../device-manager.ts';

export function getDevicesHandler(devices: DeviceManager): Handler<typeof getDevices> {
  return async ({ requester }) => ({ devices: (await devices.all(requester.user)).map(deviceAnswer) });
}
