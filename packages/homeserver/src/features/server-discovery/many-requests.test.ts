import { readFileSync } from 'node:fs';
import { AddressRules, ProxyRules, systemResolver, UndiciHttp } from '@myelin/runtime';
import { testAuthority, TestPeer } from '@myelin/testkit';
import { afterEach, beforeEach, expect, it } from 'vitest';

let peer: TestPeer;
let http: UndiciHttp;
const warnings: string[] = [];
const onWarning = (warning: Error): void => void warnings.push(warning.name);
beforeEach(async () => {
  peer = await TestPeer.start({ handler: () => ({ body: {} }) });
  http = new UndiciHttp({
    resolver: systemResolver(),
    rules: new AddressRules([]),
    proxies: new ProxyRules({ httpProxy: undefined, httpsProxy: undefined, noProxyHosts: [] }),
    tls: { authorities: [readFileSync(testAuthority, 'utf8')] },
  });
  warnings.length = 0;
  process.on('warning', onWarning);
});
afterEach(async () => {
  process.off('warning', onWarning);
  await http.close();
  await peer.stop();
});

const get = () => http.request({ url: `https://${peer.serverName}/x`, method: 'GET', timeoutMs: 5000 });

it('many requests at once share a few connections, and leave nothing behind', async () => {
  const answers = await Promise.all(Array.from({ length: 100 }, get));
  for (const answer of answers) for await (const piece of answer.body) expect(piece.length).toBeGreaterThan(0);
  expect(peer.received).toHaveLength(100);
  await new Promise((resolve) => setImmediate(resolve));
  expect(warnings).toEqual([]);
});

it('what is under way ends when the server stops, and nothing begins after', async () => {
  peer.handler = () => new Promise(() => {});
  const waiting = Promise.allSettled(Array.from({ length: 20 }, get));
  while (peer.received.length < 16) await new Promise((resolve) => setImmediate(resolve));
  await http.close();
  expect((await waiting).map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 'rejected'));
  await expect(get()).rejects.toMatchObject({ name: 'OutboundError' });
});
