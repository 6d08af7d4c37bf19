import { createServer } from 'node:net';
import { expiredCertificate, otherNameCertificate } from '@myelin/testkit';
import { describe, expect, it } from 'vitest';
import {
  authorities,
  ask,
  answered,
  atEnd,
  endAfterEach,
  freePort,
  peer,
  portOf,
  transportIn,
} from './testing/transport-world.ts';

endAfterEach();

describe('over TLS', () => {
  it('reaches an address with a port, and tells no name', async () => {
    const { peer: them } = await peer({ host: '127.0.0.1' });
    const { transport } = transportIn();
    expect(await ask(transport, them.serverName)).toBe(answered);
    expect(them.received[0]?.headers['host']).toBe(them.serverName);
  });

  it('reaches a name with a port', async () => {
    const { peer: them, port } = await peer();
    const { transport } = transportIn({ addresses: { 'a.test': ['127.0.0.1'] } });
    expect(await ask(transport, `a.test:${port}`)).toBe(answered);
    expect(them.received[0]?.headers['host']).toBe(`a.test:${port}`);
  });

  it('reaches what a name delegates to, with the name of that', async () => {
    const { peer: them, port } = await peer();
    const { transport } = transportIn({
      addresses: { 'b.example': ['127.0.0.1'] },
      wellKnown: { 'a.invalid': `b.example:${port}` },
    });
    expect(await ask(transport, 'a.invalid')).toBe(answered);
    expect(them.received[0]?.headers['host']).toBe(`b.example:${port}`);
  });

  it('reaches where SRV leads, with the name that was looked for', async () => {
    const { peer: them, port } = await peer();
    const { transport } = transportIn({
      addresses: { 'host.invalid': ['127.0.0.1'] },
      services: { '_matrix-fed._tcp.a.test': [{ target: 'host.invalid', port }] },
    });
    expect(await ask(transport, 'a.test')).toBe(answered);
    expect(them.received[0]?.headers['host']).toBe('a.test');
  });

  it('goes on to the next place of SRV, and the next address of a name', async () => {
    const { port } = await peer();
    const closed = await freePort();
    const { transport } = transportIn({
      addresses: { 'one.invalid': ['127.0.0.1'], 'two.invalid': ['::ffff:0:1', '127.0.0.1'] },
      services: {
        '_matrix-fed._tcp.a.test': [
          { target: 'nowhere.invalid', port: 1 },
          { target: 'one.invalid', port: closed },
          { target: 'two.invalid', port },
        ],
      },
    });
    expect(await ask(transport, 'a.test')).toBe(answered);
  });

  it.each([
    ['of another name', otherNameCertificate],
    ['that has expired', expiredCertificate],
  ])('refuses a certificate %s, unless told not to look', async (_name, certificate) => {
    const { peer: them, port } = await peer({ certificate });
    const addresses = { 'a.test': ['127.0.0.1'] };
    const { transport } = transportIn({ addresses });
    await expect(ask(transport, `a.test:${port}`)).rejects.toMatchObject({
      name: 'FederationError',
      kind: 'unreachable',
    });
    expect(them.received).toEqual([]);
    const careless = transportIn({ addresses, http: { tls: { authorities, verifies: (name) => name !== 'a.test' } } });
    expect(await ask(careless.transport, `a.test:${port}`)).toBe(answered);
  });

  it('refuses an authority that nobody trusts', async () => {
    const { port } = await peer();
    const { transport } = transportIn({ addresses: { 'a.test': ['127.0.0.1'] }, http: { tls: {} } });
    await expect(ask(transport, `a.test:${port}`)).rejects.toMatchObject({ kind: 'unreachable' });
  });

  it.each(['nowhere.invalid', 'nowhere.invalid:1', '127.0.0.1:1'])('says that %s is unreachable', async (name) => {
    const { transport } = transportIn();
    await expect(ask(transport, name)).rejects.toMatchObject({ kind: 'unreachable', destination: name });
  });

  it('waits no longer than it was told', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    atEnd(() => silent.close());
    const { transport } = transportIn();
    await expect(ask(transport, `127.0.0.1:${portOf(silent)}`, 200)).rejects.toMatchObject({ kind: 'unreachable' });
  });

  it('gives up what creeps', async () => {
    const { peer: them } = await peer({ host: '127.0.0.1' });
    let pieces = 0;
    them.handler = () => ({
      pour: (response) => {
        const timer = setInterval(() => (pieces++, response.write(' ')), 50);
        response.on('close', () => clearInterval(timer));
      },
    });
    const { transport } = transportIn();
    await expect(ask(transport, them.serverName, 100)).rejects.toThrow(/too long|terminated|aborted/);
    expect(pieces).toBeLessThan(40);
  });

  it('ends with what breaks off', async () => {
    const { peer: them } = await peer({ host: '127.0.0.1' });
    them.handler = () => ({ headers: { 'content-length': '1000' }, body: 'short' });
    const { transport } = transportIn();
    await expect(ask(transport, them.serverName, 300)).rejects.toThrow(/terminated|aborted|timeout|closed/i);
  });
});
