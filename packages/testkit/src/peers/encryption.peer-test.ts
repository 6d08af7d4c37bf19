import { expect, test } from 'vitest';
import { runConversation } from '../clients/conversation.ts';
import { describePeers } from './describe-peers.ts';
import { otherSide, sides } from './peers.ts';

describePeers('encryption', (peers) => {
  test.each(sides)(
    'matrix-js-sdk: alice on %s and bob on the other talk encrypted, verify each other, and a new device reads on',
    async (side) => {
      const [here, there] = [side, otherSide(side)].map((one) => ({
        baseUrl: peers().client(one).baseUrl,
        useIndexedDB: false,
      }));
      const facts = await runConversation(here!, `of-${side.toLowerCase()}`, there);
      expect(facts).toMatchObject({
        bobRead: 'Hello Bob',
        aliceRead: 'Hello Alice',
        wireTypes: ['m.room.encrypted', 'm.room.encrypted'],
        aliceDeviceSignedByOwner: true,
        bobDeviceSignedByOwner: true,
        newDeviceSignedByOwner: true,
      });
      expect(facts.emoji[0]).not.toBe('');
      expect(facts.emoji[1]).toBe(facts.emoji[0]);
      expect(facts.restored).toBe(facts.backedUp);
    },
  );
});
