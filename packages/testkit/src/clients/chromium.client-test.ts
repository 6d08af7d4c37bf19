import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { servePage, type BrowserPage } from './browser-page.ts';
import { startClientServer, type ClientServer } from './client-server.ts';
import type { ConversationPage } from './browser-entry.ts';
import { expectConversation } from './expect-conversation.ts';

let server: ClientServer;
let page: BrowserPage;
let browser: Browser;
beforeAll(async () => {
  server = await startClientServer();
  page = await servePage();
  browser = await chromium.launch({
    executablePath: process.env['MYELIN_TEST_CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
});
afterAll(async () => {
  await browser?.close();
  await page?.close();
  await server?.stop();
});

test('matrix-js-sdk in Chromium: two users talk encrypted, cross-signed, and a new device restores the backup', async () => {
  const tab = await browser.newPage();
  const faults: string[] = [];
  tab.on('pageerror', (error) => faults.push(String(error)));
  await tab.goto(page.url);
  await tab.waitForFunction(() => 'runConversation' in globalThis);
  const facts = await tab.evaluate(
    ([baseUrl, run]) =>
      (globalThis as unknown as ConversationPage).runConversation({ baseUrl: baseUrl!, useIndexedDB: true }, run!),
    [server.baseUrl, `chromium-${Date.now()}`],
  );
  expectConversation(facts);
  expect(facts.backedUp).toBeGreaterThanOrEqual(2);
  expect(faults).toEqual([]);
});
