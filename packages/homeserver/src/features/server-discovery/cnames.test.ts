import { AddressRules, systemResolver } from '@myelin/runtime';
import { NameServer } from '@myelin/runtime/testing';
import { describe, expect, it } from 'vitest';
import { answered, ask, atEnd, endAfterEach, peer, transportIn } from './testing/transport-world.ts';

endAfterEach();

/** Records as a zone has them. */
interface Name {
  readonly CNAME?: string;
  readonly A?: readonly string[];
  readonly SRV?: readonly { readonly port: number; readonly target: string }[];
}

/** A transport with the system's own resolver, whose name server knows these names, and follows CNAMEs as name servers do. */
async function transportOf(zone: Readonly<Record<string, Name>>, world: Parameters<typeof transportIn>[0] = {}) {
  const server = await NameServer.start((name, kind) => {
    const aliases: string[] = [];
    let last = name;
    for (let next = zone[last]?.CNAME; next !== undefined; next = zone[last]?.CNAME) {
      aliases.push(next);
      last = next;
    }
    if (!zone[last]) return 'no-such-name';
    return { aliases, records: kind === 'AAAA' ? [] : (zone[last]?.[kind] ?? []) };
  });
  atEnd(() => server.stop());
  const resolver = systemResolver({ servers: [server.address], lookup: async () => [] });
  return { asked: server.asked, ...transportIn({ resolver, ...world }) };
}

const machine = { 'machine.hosting.invalid': { A: ['127.0.0.1'] } };

describe('names of names (CNAME)', () => {
  it('of a server with a port lead to it, by its own name', async () => {
    const { peer: them, port } = await peer();
    const { transport } = await transportOf({
      'a.test': { CNAME: 'b.hosting.invalid' },
      'b.hosting.invalid': { CNAME: 'machine.hosting.invalid' },
      ...machine,
    });
    expect(await ask(transport, `a.test:${port}`)).toBe(answered);
    expect(them.received[0]?.headers['host']).toBe(`a.test:${port}`);
  });

  it('of the target of SRV are followed though they should not be there (RFC 2782), and the certificate is of the server', async () => {
    const { peer: them, port } = await peer();
    const { transport, asked } = await transportOf({
      '_matrix-fed._tcp.a.test': { SRV: [{ target: 'alias.hosting.invalid', port }] },
      'alias.hosting.invalid': { CNAME: 'machine.hosting.invalid' },
      ...machine,
    });
    expect(await ask(transport, 'a.test')).toBe(answered);
    expect(them.received[0]?.headers['host']).toBe('a.test');
    expect(asked).toContain('A alias.hosting.invalid');
    expect(asked).not.toContain('A a.test');
  });

  it('of the service lead to the SRV records of another', async () => {
    const { peer: them, port } = await peer();
    const { transport } = await transportOf({
      '_matrix-fed._tcp.a.test': { CNAME: '_matrix-fed._tcp.hosting.invalid' },
      '_matrix-fed._tcp.hosting.invalid': { SRV: [{ target: 'machine.hosting.invalid', port }] },
      ...machine,
    });
    expect(await ask(transport, 'a.test')).toBe(answered);
    expect(them.received[0]?.headers['host']).toBe('a.test');
  });

  it('of what /.well-known delegates to lead there, by the delegated name', async () => {
    const { peer: them, port } = await peer();
    const { transport } = await transportOf(
      {
        '_matrix-fed._tcp.b.example': { SRV: [{ target: 'alias.hosting.invalid', port }] },
        'alias.hosting.invalid': { CNAME: 'machine.hosting.invalid' },
        ...machine,
      },
      { wellKnown: { 'a.invalid': 'b.example' } },
    );
    expect(await ask(transport, 'a.invalid')).toBe(answered);
    expect(them.received[0]?.headers['host']).toBe('b.example');
  });

  it('that lead nowhere make a server unreachable', async () => {
    const { transport } = await transportOf({ 'a.test': { CNAME: 'gone.invalid' } });
    await expect(ask(transport, 'a.test:1234')).rejects.toMatchObject({ name: 'FederationError', kind: 'unreachable' });
  });

  it('to inner addresses are refused as those addresses are', async () => {
    const { peer: them, port } = await peer();
    const zone = { 'a.test': { CNAME: 'machine.hosting.invalid' }, ...machine };
    const { transport } = await transportOf(zone, { http: { rules: new AddressRules(['127.0.0.0/8']) } });
    await expect(ask(transport, `a.test:${port}`)).rejects.toMatchObject({ kind: 'not-allowed' });
    expect(them.received).toEqual([]);
  });
});
