import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signJson } from '@myelin/protocol';
import {
  expiredCertificate,
  otherNameCertificate,
  startFederation,
  testAuthority,
  TestPeer,
  type PeerOptions,
} from '@myelin/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { runHere } from '../testing/run-cli.ts';
import { inspectServer, type World } from './inspect-server.ts';
import { plainHttp } from './plain-http.ts';

const authorities = [readFileSync(testAuthority, 'utf8')];
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function start(options: PeerOptions = {}): Promise<TestPeer> {
  const peer = await TestPeer.start({
    handler: ({ url }) =>
      url.endsWith('/version') ? { body: { server: { name: 'Peer', version: '1.0' } } } : undefined,
    ...options,
  });
  ends.push(() => peer.stop());
  return peer;
}

interface Names {
  readonly addresses?: Record<string, string[]>;
  readonly services?: Record<string, { target: string; port: number }[]>;
  readonly changes?: Partial<World>;
}

async function look(name: string, { addresses = {}, services = {}, changes = {} }: Names = {}) {
  const resolver = {
    addresses: async (host: string) => addresses[host] ?? (host === 'localhost' ? ['127.0.0.1'] : []),
    services: async (service: string) => (services[service] ?? []).map((each) => ({ ...each, priority: 0, weight: 0 })),
  };
  const report = await inspectServer(name, {
    resolver,
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    authorities,
    verifies: () => true,
    mayReach: () => true,
    isPublic: () => true,
    notes: [],
    httpWith: (through, verify) => plainHttp(through, verify, authorities),
    userAgent: 'test',
    ...changes,
  });
  return { report, text: report.toText() };
}

describe('a server', () => {
  it('that is as it should be has nothing wrong', async () => {
    const peer = await start();
    const { report, text } = await look(peer.serverName);
    expect(report.problems).toBe(0);
    expect(text).toMatch(/by Myelin test authority/);
    expect(text).toMatch(/the certificate is good until 2098-01-01/);
    expect(text).toMatch(/keys ed25519:peer, signed; good until /);
    expect(text).toMatch(/runs Peer 1\.0/);
    expect(text).toMatch(/its clock is as this machine's/);
    expect(text).toMatch(/Nothing is wrong\.\n$/);
  });

  it('of ours is as it should be', async () => {
    const [server] = await startFederation({ servers: 1 });
    ends.push(() => server?.stop());
    const { report, text } = await look(server?.serverName as string);
    expect(report.findings.filter(({ level }) => level !== 'ok')).toEqual([]);
    expect(text).toMatch(/runs Myelin /);
  });

  it('is found by SRV', async () => {
    const peer = await start();
    const port = Number(peer.serverName.split(':')[1]);
    peer.keyAnswer = (keys) => signJson({ ...keys, signatures: {}, server_name: 'a.test' }, 'a.test', peer.key);
    const names = { addresses: { 'host.test': ['127.0.0.1'] } };
    const target = [{ target: 'host.test', port }];
    const found = await look('a.test', { ...names, services: { '_matrix-fed._tcp.a.test': target } });
    expect(found.text).toMatch(/note +https:\/\/a\.test\/\.well-known\/matrix\/server says nothing/);
    expect(found.text).toMatch(/host\.test port \d+: found by a SRV record _matrix-fed\._tcp/);
    expect(found.report.problems).toBe(0);
    const old = await look('a.test', { ...names, services: { '_matrix._tcp.a.test': target } });
    expect(old.text).toMatch(/note +_matrix\._tcp is deprecated/);
  });

  it.each([
    ['"https://b.test"', /m\.server isn't a server name: write the name and port only, such as b\.test:443/],
    ['7', /the answer has no m\.server/],
  ])('with /.well-known that says %s is told that others pass over it', async (said, problem) => {
    const peer = await start({ handler: () => ({ body: JSON.parse(`{"m.server":${said}}`) as object }) });
    const port = Number(peer.serverName.split(':')[1]);
    const { text } = await look('a.test', {
      changes: {
        httpWith: () => ({
          request: async ({ url }) => {
            const inner = plainHttp({ addresses: async () => ['127.0.0.1'], services: async () => [] }, false, []);
            ends.push(() => inner.close());
            return inner.request({ url: url.replace('a.test', `a.test:${port}`), method: 'GET', timeoutMs: 5000 });
          },
          close: async () => {},
        }),
      },
    });
    expect(text).toMatch(/WRONG +https:\/\/a\.test\/\.well-known\/matrix\/server is there, but others can't use it/);
    expect(text).toMatch(problem);
  });

  it.each<[string, PeerOptions, RegExp]>([
    ['a certificate of another name', { certificate: otherNameCertificate }, /the certificate is not for localhost/],
    ['a certificate that has ended', { certificate: expiredCertificate }, /the certificate ended on 2020-02-01/],
  ])('with %s is told so, and looked at all the same', async (_name, options, problem) => {
    const peer = await start(options);
    const { report, text } = await look(peer.serverName);
    expect(report.problems).toBe(1);
    expect(text).toMatch(problem);
    expect(text).toMatch(/keys ed25519:peer, signed/);
    const careless = await look(peer.serverName, { changes: { verifies: () => false } });
    expect(careless.report.problems).toBe(0);
  });

  it('whose authority nobody trusts', async () => {
    const peer = await start();
    const { text } = await look(peer.serverName, { changes: { authorities: [] } });
    expect(text).toMatch(/WRONG +the certificate is not trusted: /);
  });

  it.each<[string, (peer: TestPeer) => void, RegExp]>([
    [
      'keys of another server',
      (peer) => (peer.keyAnswer = (keys) => ({ ...keys, server_name: 'else.test' })),
      /are those of else\.test/,
    ],
    [
      'keys that are not signed',
      (peer) => (peer.keyAnswer = (keys) => ({ ...keys, signatures: {} })),
      /not signed with them/,
    ],
    ['keys that have run out', (peer) => (peer.validForMs = -1000), /were good until .* only/],
    ['no keys', (peer) => (peer.keyAnswer = () => undefined), /\/server is answered with status 500/],
    [
      'no version',
      (peer) => (peer.handler = () => undefined),
      /\/version is answered with status 404: does what stands before the server \(a reverse proxy\) pass \/_matrix on\?/,
    ],
    [
      'a version that is no JSON',
      (peer) => (peer.handler = () => ({ body: '<html>' })),
      /answered with what isn't JSON/,
    ],
  ])('with %s', async (_name, spoil, problem) => {
    const peer = await start();
    spoil(peer);
    const { report, text } = await look(peer.serverName);
    expect(text).toMatch(problem);
    expect(report.problems).toBe(1);
  });

  it('whose clock is wrong', async () => {
    const peer = await start();
    const clock = (aheadMs: number) => ({ now: () => Date.now() - aheadMs, monotonic: () => performance.now() });
    const far = await look(peer.serverName, { changes: { clock: clock(600_000) } });
    expect(far.text).toMatch(/WRONG +its clock is (599|600|601) s ahead of this machine's/);
    const near = await look(peer.serverName, { changes: { clock: clock(-30_000) } });
    expect(near.text).toMatch(/note +its clock is (29|30|31) s behind this machine's/);
  });

  it('that is not there', async () => {
    const peer = await start();
    await peer.stop();
    ends.length = 0;
    expect((await look(peer.serverName)).text).toMatch(/WRONG +no TLS connection: nobody listens there/);
    expect((await look('nowhere.test:1')).text).toMatch(/WRONG +nowhere\.test has no address/);
    const gone = await look('a.test', { services: { '_matrix-fed._tcp.a.test': [{ target: '', port: 0 }] } });
    expect(gone.text).toMatch(/WRONG +its SRV record says that there is no Matrix service/);
  });

  it('that does not speak TLS', async () => {
    const plain = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    ends.push(() => plain.close());
    const { port } = plain.address() as { port: number };
    expect((await look(`localhost:${port}`)).text).toMatch(/WRONG +no TLS connection: /);
  });

  it('can say nothing that moves the cursor', async () => {
    const peer = await start({ handler: () => ({ body: { server: { name: 'a\u{1b}[2J\nb' } } }) });
    expect((await look(peer.serverName)).text).toMatch(/runs a\?\[2J\?b/);
  });

  it('at an address that our configuration keeps us from is told so', async () => {
    const peer = await start();
    const { text } = await look(peer.serverName, { changes: { mayReach: () => false } });
    expect(text).toMatch(/note +ip_range_blacklist keeps this server from calling this address/);
  });
});

it('an address that others do not call is told so', async () => {
  const peer = await start();
  const { text, report } = await look(peer.serverName, { changes: { isPublic: () => false } });
  expect(text).toMatch(/note +this address is an inner one: servers elsewhere can't call it/);
  expect(report.problems).toBe(0);
});

it('what is known beforehand stands at the top', async () => {
  const peer = await start();
  const { text } = await look(peer.serverName, { changes: { notes: ['something'] } });
  expect(text.split('\n')[1]).toBe('note    something');
});

describe('the command', () => {
  it('says what the configuration has to do with it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'myelin-federation-test-'));
    ends.push(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'homeserver.yaml');
    const key = `ed25519 a_1 ${Buffer.alloc(32, 'key of this test').toString('base64')}`;
    writeFileSync(
      path,
      JSON.stringify({
        server_name: 'localhost:1',
        signing_key: key,
        macaroon_secret_key: 'secret of tests',
        report_stats: false,
        database: { name: 'sqlite3', args: { database: ':memory:' } },
        listeners: [{ port: 8008, type: 'http', resources: [{ names: ['client'] }] }],
        https_proxy: 'http://proxy.test:3128',
        federation_domain_whitelist: ['b.test'],
      }),
    );
    const { out: own, err } = await runHere(['federation-test', '-c', path]);
    expect(err).toMatch(/^myelin: localhost:1 can't be reached/);
    expect(own).toMatch(/note +no listener has `federation` among its resources/);
    expect(own).toMatch(/note +the server itself goes through a proxy \(https_proxy\); this test does not/);
    expect(own).not.toMatch(/federation_domain_whitelist/);
    const other = (await runHere(['federation-test', '-c', path, 'localhost:2'])).out;
    expect(other).toMatch(/note +federation_domain_whitelist does not name it: this server does not speak with it/);
    expect(other).not.toMatch(/no listener/);
    expect(other).toMatch(/note +ip_range_blacklist keeps this server from calling this address/);
    expect((await runHere(['federation-test', 'localhost:2'])).out).toMatch(/this address is an inner one/);
  });

  it.each([
    [['federation-test', '--help'], 0],
    [['federation-test'], 2],
    [['federation-test', 'a', 'b'], 2],
    [['federation-test', 'https://a.test'], 1],
    [['federation-test', 'localhost:1'], 1],
    [['federation-test', '-c', 'none.yaml'], 3],
  ])('%j ends with %d', async (args, code) => {
    const outcome = await runHere(args);
    expect(outcome.code).toBe(code);
    expect(outcome.err).not.toMatch(/^\s+at /m);
  });
});
