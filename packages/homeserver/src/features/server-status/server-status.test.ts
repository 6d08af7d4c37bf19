import { getFederationWhitelist, getHealth, getMetrics, getRoot, getStatusPage } from '@myelin/api';
import { describeServers, type TestServer } from '@myelin/testkit';
import { beforeAll, expect, it } from 'vitest';

describeServers((start) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await start();
  });

  it('says that it is well', async () => {
    const answer = await server.client().send(getHealth);
    expect(answer.text).toBe('OK');
    expect(answer.headers.get('content-type')).toContain('text/plain');
  });

  it('tells its figures as Prometheus reads them', async () => {
    const alice = await server.registerUser('alice');
    await alice.sendText(await alice.createRoom(), 'never to be told');
    const { text, headers } = await server.client().send(getMetrics);
    expect(headers.get('content-type')).toContain('text/plain');
    expect(text).toMatch(/^synapse_event_persisted_position(\{[^}]*\})? [1-9]\d*$/m);
    expect(text).toMatch(/^synapse_storage_events_persisted_events_total(\{[^}]*\})? [1-9]\d*$/m);
    expect(text).not.toContain('never to be told');
  });

  it('shows people a page that names the server, and no version', async () => {
    for (const page of [getRoot, getStatusPage]) {
      const { text, headers } = await server.client().send(page);
      expect(headers.get('content-type')).toContain('text/html');
      expect(text).toContain('<strong>test</strong>');
      expect(text).not.toMatch(/\d+\.\d+\.\d+/);
    }
  });

  it('sends browsers to the web client, if there is one', async () => {
    const listener = (name: string): object => ({
      type: 'http',
      port: 0,
      bind_addresses: ['127.0.0.1'],
      resources: [{ names: [name] }],
    });
    const location = 'https://app.example.org/path?x=1';
    for (const name of ['client', 'federation']) {
      const other = await start({
        config: {
          web_client_location: location,
          listeners: [listener(name), ...(name === 'client' ? [] : [listener('client')])],
        },
      });
      const { status, headers } = await other.client().send(getRoot, {}, { expect: 302 });
      expect([status, headers.get('location')]).toEqual([302, location]);
      if (name === 'client') await other.client().send(getStatusPage);
    }
  });

  it('tells other servers what it is', async () => {
    const { server: own } = await server.client().call('getVersion@server-server');
    expect(own.name).toBe('Myelin');
    expect(own.version).toMatch(/^\d+\.\d+\.\d+/);
  });

  it('keeps to its own where a listener has few resources', async () => {
    const few = await start({
      config: {
        listeners: [{ type: 'http', port: 0, bind_addresses: ['127.0.0.1'], resources: [{ names: ['client'] }] }],
      },
    });
    for (const path of ['/health', '/_synapse/metrics', '/_matrix/key/v2/server']) {
      const answer = await few.client().raw('GET', path, {}, { expect: 'any' });
      expect([path, answer.status]).toEqual([path, path === '/health' ? answer.status : 404]);
    }
  });

  it('tells its users which servers it speaks with, if it is to', async () => {
    const config = { federation_whitelist_endpoint_enabled: true };
    const strict = await start({ config: { ...config, federation_domain_whitelist: ['a.test'] } });
    const alice = await strict.registerUser('alice');
    expect(await alice.call(getFederationWhitelist)).toEqual({ whitelist_enabled: true, whitelist: ['a.test'] });
    await strict.client().send(getFederationWhitelist, {}, { expect: 'M_MISSING_TOKEN' });
    const open = await (await start({ config })).registerUser('alice');
    expect(await open.call(getFederationWhitelist)).toEqual({ whitelist_enabled: false, whitelist: [] });
    await server.client().send(getFederationWhitelist, {}, { expect: 404 });
  });
});
