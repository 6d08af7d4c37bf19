import { test } from 'vitest';
import { runConversation } from '../clients/conversation.ts';
import { expectConversation } from '../clients/expect-conversation.ts';
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
      expectConversation(facts);
    },
  );
});
