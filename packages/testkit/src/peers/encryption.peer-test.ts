import { afterAll, beforeAll, expect, test } from 'vitest';
import { openEncryptedRoom, runConversation, sendText } from '../clients/conversation.ts';
import { expectConversation } from '../clients/expect-conversation.ts';
import { startSession, untilText, type SdkSession, type Surroundings } from '../clients/sdk-session.ts';
import { commonVersions, describePeers } from './describe-peers.ts';
import { otherSide, sides, type Side } from './peers.ts';

describePeers('encryption', (peers) => {
  const sessions = {} as Record<Side, SdkSession>;
  beforeAll(async () => {
    for (const side of sides) sessions[side] = await startSession(surroundings(side), side.toLowerCase(), 'register');
  });
  afterAll(() => {
    for (const { client } of Object.values(sessions)) client.stopClient();
  });

  test.each(sides)(
    'matrix-js-sdk: alice on %s and bob on the other talk encrypted, verify each other, and a new device reads on',
    async (side) => {
      const [here, there] = [surroundings(side), surroundings(otherSide(side))];
      const facts = await runConversation(here, `of-${side.toLowerCase()}`, there);
      expectConversation(facts);
    },
  );

  // By turns: in each room both encrypt, and both read.
  for (const [index, version] of commonVersions.entries()) {
    const side = sides[index % 2]!;
    test(`matrix-js-sdk: ${side} hosts, version ${version}: both read what the other encrypts`, async () => {
      const [host, guest] = [sessions[side], sessions[otherSide(side)]];
      const roomId = await openEncryptedRoom(host, guest, version);
      await sendText(host, roomId, 'of the host');
      await sendText(guest, roomId, 'of the guest');
      const came = [
        await untilText(guest.client, roomId, 'of the host'),
        await untilText(host.client, roomId, 'of the guest'),
      ];
      for (const event of came) expect(event.getWireType()).toBe('m.room.encrypted');
    });
  }

  function surroundings(side: Side): Surroundings {
    return { baseUrl: peers().client(side).baseUrl, useIndexedDB: false };
  }
});
