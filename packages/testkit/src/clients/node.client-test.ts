import { afterAll, beforeAll, expect, test } from 'vitest';
import { Specification } from '../specification/index.ts';
import { startClientServer, type ClientServer } from './client-server.ts';
import { checkedFetch } from './checked-fetch.ts';
import { runConversation } from './conversation.ts';
import { expectConversation } from './expect-conversation.ts';

let server: ClientServer;
beforeAll(async () => {
  server = await startClientServer();
});
afterAll(() => server.stop());

test('matrix-js-sdk in Node: two users talk encrypted, cross-signed, and a new device restores the backup', async () => {
  const problems: string[] = [];
  const fetchFn = checkedFetch(new Specification(), problems);
  const facts = await runConversation({ baseUrl: server.baseUrl, useIndexedDB: false, fetchFn }, `node-${Date.now()}`);
  expectConversation(facts);
  expect(facts.backedUp).toBeGreaterThanOrEqual(2);
  expect(problems).toEqual([]);
});
