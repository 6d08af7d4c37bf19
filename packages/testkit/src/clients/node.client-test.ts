import { afterAll, beforeAll, expect, test } from 'vitest';
import { Specification } from '../specification/index.ts';
import { startClientServer, type ClientServer } from './client-server.ts';
import { checkedFetch } from './checked-fetch.ts';
import { runConversation } from './conversation.ts';

let server: ClientServer;
beforeAll(async () => {
  server = await startClientServer();
});
afterAll(() => server.stop());

test('matrix-js-sdk in Node: two users talk encrypted, cross-signed, and a new device restores the backup', async () => {
  const problems: string[] = [];
  const fetchFn = checkedFetch(new Specification(), problems);
  const facts = await runConversation({ baseUrl: server.baseUrl, useIndexedDB: false, fetchFn }, `node-${Date.now()}`);
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
  expect(facts.backedUp).toBeGreaterThanOrEqual(2);
  expect(facts.restored).toBe(facts.backedUp);
  expect(problems).toEqual([]);
});
