import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, type NetworkInterfaceInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ManualTime } from '../testing.ts';
import { systemResolver } from './resolver.ts';
import { NameServer, type Kind, type NameAnswer } from './testing/name-server.ts';

const world = new Map<string, NameAnswer | Partial<Record<Kind, NameAnswer>>>();
let server: NameServer;
let folder: string;
let hostsPath: string;
/** Names that the system's look-up was asked for, and what it knows. */
let lookups: string[];
let known: Map<string, string>;
let time: ManualTime;

beforeEach(async () => {
  world.clear();
  lookups = [];
  known = new Map();
  time = new ManualTime();
  server = await NameServer.start((name, kind) => {
    const answer = world.get(name) ?? (name.startsWith('hangs') ? 'silence' : 'no-such-name');
    if (typeof answer === 'string' || Array.isArray(answer) || 'aliases' in answer) return answer as NameAnswer;
    return (answer as Partial<Record<Kind, NameAnswer>>)[kind] ?? [];
  });
  folder = await mkdtemp(join(tmpdir(), 'myelin-hosts-'));
  hostsPath = join(folder, 'hosts');
  await writeFile(hostsPath, '127.0.0.1 localhost\n');
});
afterEach(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

const lookup = async (host: string) => {
  lookups.push(host);
  const address = known.get(host);
  if (address === undefined) throw Object.assign(new Error(host), { code: 'ENOTFOUND' });
  return [{ address }];
};

/** `own` are the addresses of this machine. */
function resolverWith(own: readonly string[] = ['192.0.2.1'], other: Parameters<typeof systemResolver>[0] = {}) {
  const interfaces = () => ({
    eth0: own.map(
      (address) =>
        ({ address, family: address.includes(':') ? 'IPv6' : 'IPv4', internal: false }) as NetworkInterfaceInfo,
    ),
  });
  const servers = [server.address];
  return systemResolver({ clock: time, servers, timeout: 300, hostsPath, interfaces, lookup, ...other });
}

it('names of the hosts file lead where it says, in whatever way it is written', async () => {
  const lines = [
    '\uFEFF# names',
    ' 192.0.2.7\tMatrix.Example.com alias.example.com # not.example.com',
    '::1 matrix.example.com',
    'nonsense odd.example.com',
    '',
    '192.0.2.8',
  ];
  await writeFile(hostsPath, lines.join('\r\n'));
  const resolver = resolverWith();
  expect(await resolver.addresses('matrix.example.com')).toEqual(['192.0.2.7', '::1']);
  expect(await resolver.addresses('ALIAS.example.com')).toEqual(['192.0.2.7']);
  expect(server.asked).toEqual([]);
  for (const name of ['not.example.com', 'odd.example.com']) {
    world.set(name, { A: ['198.51.100.1'], AAAA: [] });
    expect(await resolver.addresses(name)).toEqual(['198.51.100.1']);
  }
  expect(lookups).toEqual([]);
});

it('a hosts file that changes is read again after ten seconds, and one that is not there has no names', async () => {
  world.set('a.example.com', { A: ['198.51.100.1'], AAAA: [] });
  const resolver = resolverWith();
  expect(await resolver.addresses('a.example.com')).toEqual(['198.51.100.1']);
  await writeFile(hostsPath, '192.0.2.7 a.example.com\n');
  time.advance(9000);
  expect(await resolver.addresses('a.example.com')).toEqual(['198.51.100.1']);
  time.advance(1000);
  expect(await resolver.addresses('a.example.com')).toEqual(['192.0.2.7']);
  await rm(hostsPath);
  time.advance(10_000);
  expect(await resolver.addresses('a.example.com')).toEqual(['198.51.100.1']);
});

it('names of the own network and addresses are not asked of DNS', async () => {
  known.set('inside', '10.0.0.1').set('a.localhost', '127.0.0.1');
  const resolver = resolverWith();
  expect(await resolver.addresses('inside')).toEqual(['10.0.0.1']);
  expect(await resolver.addresses('a.localhost')).toEqual(['127.0.0.1']);
  expect(await resolver.addresses('nobody')).toEqual([]);
  expect(await resolver.addresses('2001:db8::1')).toEqual(['2001:db8::1']);
  expect(server.asked).toEqual([]);
  expect(lookups).toEqual(['inside', 'a.localhost', 'nobody']);
});

it('addresses of both kinds take turns, IPv6 first where the machine has a global address of it', async () => {
  world.set('a.example.com', { A: ['192.0.2.7', '192.0.2.8'], AAAA: ['2001:db8::7', '2001:db8::8', '2001:db8::9'] });
  const inOrder = (...own: string[]) => resolverWith(own).addresses('a.example.com');
  const ipv4First = ['192.0.2.7', '2001:db8::7', '192.0.2.8', '2001:db8::8', '2001:db8::9'];
  expect(await inOrder('192.0.2.1', '2a00:1450::1')).toEqual([
    '2001:db8::7',
    '192.0.2.7',
    '2001:db8::8',
    '192.0.2.8',
    '2001:db8::9',
  ]);
  expect(await inOrder('192.0.2.1')).toEqual(ipv4First);
  // Of the link, of the inner network, of tunnels.
  expect(await inOrder('fe80::1', 'fd00::1', '2002:c000:201::1', '2001:0:1::1')).toEqual(ipv4First);
  expect(lookups).toEqual([]);
});

it('which addresses the machine has is looked at again after ten seconds, and need not be told', async () => {
  world.set('a.example.com', { A: ['192.0.2.7'], AAAA: ['2001:db8::7'] });
  const own = ['192.0.2.1'];
  const interfaces = () => {
    if (own.length === 0) throw new Error('Not told');
    return { eth0: own.map((address) => ({ address, family: 'IPv6', internal: false }) as NetworkInterfaceInfo) };
  };
  const resolver = resolverWith([], { interfaces });
  const first = async () => (await resolver.addresses('a.example.com'))[0];
  expect(await first()).toBe('192.0.2.7');
  own[0] = '2a00:1450::1';
  time.advance(9999);
  expect(await first()).toBe('192.0.2.7');
  time.advance(1);
  expect(await first()).toBe('2001:db8::7');
  own.pop();
  time.advance(10_000);
  expect(await first()).toBe('192.0.2.7');
});

it('names of names (CNAME) lead to the addresses and services of the last', async () => {
  const aliases = ['b.hosting.example', 'c.hosting.example'];
  world.set('a.example.com', {
    A: { aliases, records: ['192.0.2.7'] },
    AAAA: { aliases, records: ['2001:db8::7'] },
  });
  world.set('half.example.com', { A: { aliases, records: ['192.0.2.7'] }, AAAA: { aliases, records: [] } });
  world.set('_matrix._tcp.example.com', {
    SRV: { aliases: ['matrix.hosting.example'], records: [{ port: 443, target: 'd.hosting.example' }] },
  });
  const resolver = resolverWith();
  expect(await resolver.addresses('a.example.com')).toEqual(['192.0.2.7', '2001:db8::7']);
  expect(await resolver.addresses('half.example.com')).toEqual(['192.0.2.7']);
  expect(await resolver.services('_matrix._tcp.example.com')).toEqual([
    { priority: 0, weight: 0, port: 443, target: 'd.hosting.example' },
  ]);
  expect(lookups).toEqual([]);
});

it('a name that leads to none is not there', async () => {
  world.set('a.example.com', { aliases: ['gone.example.com'], records: [] });
  world.set('round.example.com', { aliases: ['b.example.com', 'round.example.com'], records: [] });
  for (const name of ['a.example.com', 'round.example.com']) {
    expect(await resolverWith().addresses(name)).toEqual([]);
    expect(await resolverWith().services(name)).toEqual([]);
  }
});

it('no more than 32 addresses of a name are looked at, of both kinds', async () => {
  const many = (start: string) => Array.from({ length: 20 }, (_, at) => `${start}${at + 10}`);
  world.set('a.example.com', { A: many('192.0.2.'), AAAA: many('2001:db8::') });
  const found = await resolverWith().addresses('a.example.com');
  expect(found).toHaveLength(32);
  expect(found.filter((address) => address.includes(':'))).toHaveLength(16);
});

it.each(['silence', 'failure', 'no-such-name', []] as const)('one kind does not hide the other: %s', async (other) => {
  world.set('a.example.com', { A: ['192.0.2.7'], AAAA: other });
  world.set('b.example.com', { A: other, AAAA: ['2001:db8::7'] });
  const resolver = resolverWith();
  expect(await resolver.addresses('a.example.com')).toEqual(['192.0.2.7']);
  expect(await resolver.addresses('b.example.com')).toEqual(['2001:db8::7']);
});

it('what was found does not wait for long until the other kind is given up', async () => {
  world.set('a.example.com', { A: ['192.0.2.7'], AAAA: 'silence' });
  const found = resolverWith(undefined, { timers: time, timeout: 60_000 }).addresses('a.example.com');
  while (time.waiting === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  time.advance(2000);
  expect(await found).toEqual(['192.0.2.7']);
});

it('what DNS does not know is looked up by the system as well', async () => {
  world.set('only.mail.example', []);
  known.set('printer.local', '10.0.0.9').set('only.mail.example', '10.0.0.8');
  const resolver = resolverWith();
  expect(await resolver.addresses('printer.local')).toEqual(['10.0.0.9']);
  expect(await resolver.addresses('only.mail.example')).toEqual(['10.0.0.8']);
  expect(await resolver.addresses('nobody.example')).toEqual([]);
  expect(lookups).toEqual(['printer.local', 'only.mail.example', 'nobody.example']);
});

it('so is all where the machine has no name server', async () => {
  known.set('a.example.com', '10.0.0.9');
  expect(await resolverWith(undefined, { servers: ['127.0.0.1:1'] }).addresses('a.example.com')).toEqual(['10.0.0.9']);
});

it('where nobody answers the system is not asked, nor for what is no name', async () => {
  world.set('fails.example.com', 'failure');
  world.set('half.example.com', { A: 'no-such-name', AAAA: 'silence' });
  const resolver = resolverWith();
  const code = (name: string) => resolver.addresses(name).catch((error: { code?: string }) => error.code);
  expect(await Promise.all(['hangs.example.com', 'half.example.com'].map(code))).toEqual(['ETIMEOUT', 'ETIMEOUT']);
  expect(await code('fails.example.com')).toBe('ESERVFAIL');
  expect(await resolver.addresses('a..example.com')).toEqual([]);
  expect(lookups).toEqual([]);
});

it('names whose servers hang keep neither files nor other names waiting', async () => {
  world.set('a.example.com', { A: ['192.0.2.7'], AAAA: [] });
  const resolver = resolverWith(undefined, { timeout: 1000 });
  let given = 0;
  const hanging = Array.from({ length: 20 }, (_, at) =>
    resolver.addresses(`hangs${at}.example.com`).catch(() => given++),
  );
  while (server.asked.length < 40) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await resolver.addresses('a.example.com')).toEqual(['192.0.2.7']);
  expect(await readFile(hostsPath, 'utf8')).toContain('localhost');
  expect(given).toBe(0);
  expect(lookups).toEqual([]);
  await Promise.all(hanging);
});

it('the system looks up one unknown name at once, others of the own network meanwhile, and not too many wait', async () => {
  known.set('inside', '10.0.0.1');
  let running = 0;
  let most = 0;
  const ends: (() => void)[] = [];
  const slow = async (host: string) => {
    if (host === 'inside') return lookup(host);
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => ends.push(resolve));
    running--;
    return [];
  };
  const resolver = resolverWith(undefined, { lookup: slow });
  let refused = 0;
  const names = Array.from({ length: 105 }, (_, at) => `nobody${at}.example`);
  const all = Promise.all(names.map((name) => resolver.addresses(name).catch(() => refused++)));
  let open = true;
  void all.then(() => (open = false));
  while (running < 1 || refused < 4) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await resolver.addresses('inside')).toEqual(['10.0.0.1']);
  expect(await resolver.addresses('localhost')).toEqual(['127.0.0.1']);
  while (open) {
    ends.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(most).toBe(1);
  expect(refused).toBe(4);
});
