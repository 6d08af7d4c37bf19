import { CryptoEvent } from 'matrix-js-sdk/lib/crypto-api/index.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startFederation } from '../federation/start-federation.ts';
import type { TestServer } from '../server/test-server.ts';
import { Specification } from '../specification/index.ts';
import { checkedFetch } from './checked-fetch.ts';
import { openEncryptedRoom, sendText } from './conversation.ts';
import { startSession, until, untilText, type SdkSession, type Surroundings } from './sdk-session.ts';

let servers: TestServer[];
const sessions: SdkSession[] = [];
beforeAll(async () => {
  servers = await startFederation({ onDisk: true });
});
afterAll(async () => {
  for (const { client } of sessions) client.stopClient();
  await Promise.all(servers.map((server) => server.stop()));
});

test('matrix-js-sdk on two servers of which one is down for a while: all that was sent is read', async () => {
  const problems: string[] = [];
  const fetchFn = checkedFetch(new Specification(), problems);
  const [here, there] = servers.map(({ baseUrl }) => ({ baseUrl, useIndexedDB: false, fetchFn })) as [
    Surroundings,
    Surroundings,
  ];
  const session = async (...args: Parameters<typeof startSession>): Promise<SdkSession> => {
    const started = await startSession(...args);
    sessions.push(started);
    return started;
  };
  const alice = await session(here, 'alice-downtime', 'register');
  const bob = await session(there, 'bob-downtime', 'register');
  const roomId = await openEncryptedRoom(alice, bob);
  const exchange = async (from: SdkSession, to: readonly SdkSession[], text: string): Promise<void> => {
    await sendText(from, roomId, text);
    await Promise.all(to.map(({ client }) => untilText(client, roomId, text)));
  };
  await exchange(alice, [bob], 'Hello Bob');
  await exchange(bob, [alice], 'Hello Alice');

  // New keys for the room go to the devices of those whose server is down, by messages to devices.
  const sendWithNewKeys = async ({ client }: SdkSession, text: string): Promise<void> => {
    await client.getCrypto()!.forceDiscardSession(roomId);
    await client.sendMessage(roomId, { msgtype: 'm.text', body: text } as never);
  };
  let phone: SdkSession | undefined;
  await servers[1]!.restart({}, async () => {
    await sendWithNewKeys(alice, 'While you were away');
    phone = await session(here, 'alice-downtime', 'login');
  });
  bob.client.retryImmediately();
  await untilText(bob.client, roomId, 'While you were away');
  await untilKnown(bob, phone!);
  await exchange(bob, [alice, phone!], 'I see your phone');
  await exchange(phone!, [alice, bob], 'Hello from the phone');

  await servers[0]!.restart({}, () => sendWithNewKeys(bob, 'While you were away as well'));
  for (const { client } of [alice, phone!]) client.retryImmediately();
  await Promise.all([alice, phone!].map(({ client }) => untilText(client, roomId, 'While you were away as well')));
  await exchange(alice, [bob, phone!], 'Back');
  expect(problems).toEqual([]);
});

/** Waits until a user's client has heard of a device of another. */
async function untilKnown({ client }: SdkSession, device: SdkSession): Promise<void> {
  await until(client, CryptoEvent.DevicesUpdated as never, async () => {
    const known = await client.getCrypto()!.getUserDeviceInfo([device.userId]);
    return known.get(device.userId)?.has(device.deviceId);
  });
}
