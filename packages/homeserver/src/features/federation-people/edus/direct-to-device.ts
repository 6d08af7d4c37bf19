import { isJsonObject, setOwn, type JsonObject, type JsonValue } from '@myelin/protocol';
import type { EduHandler } from '../../federation-inbound/index.ts';
import type { ToDevice } from '../../to-device/index.ts';
import { isUserOf } from '../../remote-devices/index.ts';

export interface DirectToDeviceParts {
  readonly toDevice: ToDevice;
  /** Told of each, to see whether the sender's devices are still as they are known. */
  readonly checkSender: EduHandler;
}

/** m.direct_to_device. Server-Server API §"Send-to-device messaging". */
export function directToDeviceHandler({ toDevice, checkSender }: DirectToDeviceParts): EduHandler {
  return async (origin, content) => {
    const { sender, type, message_id: messageId } = content;
    if (!isUserOf(sender, origin) || typeof type !== 'string' || typeof messageId !== 'string') return;
    const messages = messagesOf(content['messages']);
    await toDevice.receive(origin, { sender, type, messageId, messages });
    await checkSender(origin, content);
  };
}

/** What is of the right shape, by user and device. */
function messagesOf(messages: JsonValue | undefined): Record<string, Record<string, JsonObject>> {
  const found = {};
  for (const [userId, byDevice] of isJsonObject(messages) ? Object.entries(messages) : []) {
    const devices = {};
    for (const [deviceId, content] of isJsonObject(byDevice) ? Object.entries(byDevice) : [])
      if (isJsonObject(content)) setOwn(devices, deviceId, content);
    setOwn(found, userId, devices);
  }
  return found;
}
