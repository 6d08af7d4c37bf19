import { sendToDevice } from '@myelin/api';
import { route, type Route } from '../../http/index.ts';
import { sendToDeviceHandler } from './handlers/send-to-device.ts';
import type { ToDevice } from './to-device.ts';

export function toDeviceRoutes(toDevice: ToDevice): Route[] {
  return [route(sendToDevice, sendToDeviceHandler(toDevice))];
}
