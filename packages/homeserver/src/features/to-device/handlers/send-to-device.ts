import type { sendToDevice } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { MessagesByDevice } from '../remote-to-device.ts';
import type { ToDevice } from '../to-device.ts';

export function sendToDeviceHandler(toDevice: ToDevice): Handler<typeof sendToDevice> {
  return async ({ params, body, requester }) => {
    await toDevice.send(requester, params.eventType, params.txnId, body.messages as MessagesByDevice);
    return {};
  };
}
