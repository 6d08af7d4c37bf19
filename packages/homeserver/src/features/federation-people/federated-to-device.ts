import type { Writer } from '@myelin/database';
import { setOwn, type JsonObject } from '@myelin/protocol';
import { randomString, type Random } from '@myelin/runtime';
import type { EduSender } from '../federation-outbound/index.ts';
import type { RemoteMessages, RemoteToDevice } from '../to-device/index.ts';

/** Bytes of the messages in one EDU, unless one message alone has more: transactions carry many. */
const usualSize = 49_152;
const messageIdLength = 24;

interface Part {
  readonly messages: JsonObject;
  size: number;
}

/** Sends messages to devices of other servers' users. Server-Server API §"Send-to-device messaging". */
export class FederatedToDevice implements RemoteToDevice {
  readonly #edus: EduSender;
  readonly #random: Random;

  constructor(edus: EduSender, random: Random) {
    this.#edus = edus;
    this.#random = random;
  }

  async enqueue(writer: Writer, { sender, type, byServer }: RemoteMessages): Promise<void> {
    for (const [server, messages] of byServer) {
      for (const part of parts(messages)) {
        const content = { sender, type, message_id: randomString(this.#random, messageIdLength), messages: part };
        await this.#edus.enqueue(writer, [server], { edu_type: 'm.direct_to_device', content });
      }
    }
  }
}

function parts(all: Readonly<Record<string, Readonly<Record<string, JsonObject>>>>): JsonObject[] {
  const found: Part[] = [];
  let part: Part | undefined;
  for (const [userId, byDevice] of Object.entries(all)) {
    let ofUser: JsonObject | undefined;
    for (const [deviceId, content] of Object.entries(byDevice)) {
      const size = Buffer.byteLength(JSON.stringify(content)) + userId.length + deviceId.length;
      if (!part || part.size + size > usualSize) {
        found.push((part = { messages: {}, size: 0 }));
        ofUser = undefined;
      }
      if (!ofUser) setOwn(part.messages, userId, (ofUser = {}));
      setOwn(ofUser, deviceId, content);
      part.size += size;
    }
  }
  return found.map(({ messages }) => messages);
}
