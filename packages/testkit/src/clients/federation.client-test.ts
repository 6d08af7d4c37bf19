import { afterAll, beforeAll, expect, test } from 'vitest';
import { startFederation } from '../federation/start-federation.ts';
import type { TestServer } from '../server/test-server.ts';
import { Specification } from '../specification/index.ts';
import { checkedFetch } from './checked-fetch.ts';
import { runConversation } from './conversation.ts';
import { expectConversation } from './expect-conversation.ts';

let servers: TestServer[];
beforeAll(async () => {
  servers = await startFederation();
});
afterAll(() => Promise.all(servers.map((server) => server.stop())));

test('matrix-js-sdk on two servers: their users talk encrypted, verify each other, and a new device reads on', async () => {
  const problems: string[] = [];
  const fetchFn = checkedFetch(new Specification(), problems);
  const [here, there] = servers.map(({ baseUrl }) => ({ baseUrl, useIndexedDB: false, fetchFn }));
  const facts = await runConversation(here!, 'federated', there);
  expectConversation(facts);
  expect(problems).toEqual([]);
});
