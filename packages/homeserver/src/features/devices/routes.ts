import { deleteDevice, deleteDevices, getDevice, getDevices, updateDevice } from '@myelin/api';
import { route, type Route } from '../../http/index.ts';
import type { Reauthentication } from '../user-interactive-auth/index.ts';
import type { DeviceManager } from './device-manager.ts';
import { deleteDeviceHandler } from './handlers/delete-device.ts';
import { deleteDevicesHandler } from './handlers/delete-devices.ts';
import { getDeviceHandler } from './handlers/get-device.ts';
import { getDevicesHandler } from './handlers/get-devices.ts';
import { updateDeviceHandler } from './handlers/update-device.ts';

export function devicesRoutes(devices: DeviceManager, reauthentication: Reauthentication): Route[] {
  return [
    route(getDevices, getDevicesHandler(devices)),
    route(getDevice, getDeviceHandler(devices)),
    route(updateDevice, updateDeviceHandler(devices)),
    route(deleteDevice, deleteDeviceHandler(devices, reauthentication)),
    route(deleteDevices, deleteDevicesHandler(devices, reauthentication)),
  ];
}
