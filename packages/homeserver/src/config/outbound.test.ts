import { describe, expect, it } from 'vitest';
import { testConfig } from './test-config.ts';

describe('what is said of requests that go out', () => {
  it.each([
    [{ ip_range_blacklist: ['10.0.0.0/33'] }, 'ip_range_blacklist: 10.0.0.0/33 is not an IP address'],
    [{ ip_range_whitelist: ['localhost'] }, 'ip_range_whitelist: localhost is not an IP address'],
    [{ federation_ip_range_blacklist: ['x'] }, 'federation_ip_range_blacklist: x is not an IP address'],
    [{ https_proxy: 'ftp://proxy.test' }, 'https_proxy: The address of a proxy is not of the form'],
    [{ federation_verify_certificates: false }, 'trusted_key_servers: names matrix.org, whose answers nothing'],
    [
      {
        federation_verify_certificates: false,
        trusted_key_servers: [{ server_name: 'matrix.org', verify_keys: { 'ed25519:auto': 'A'.repeat(43) } }],
      },
      'trusted_key_servers: names matrix.org',
    ],
  ])('is refused where it is wrong: %j', (options, problem) => {
    expect(() => testConfig(options)).toThrow(problem);
  });

  it('is the default of Synapse', () => {
    const { outbound, keys, federation } = testConfig();
    expect(outbound.federationDeniedRanges).toContain('127.0.0.0/8');
    expect(outbound.federationDeniedRanges).toContain('::1/128');
    expect(keys.trustedKeyServers).toEqual([{ serverName: 'matrix.org', verifyKeys: undefined }]);
    expect(keys.notaryKeys).toBe(keys.signingKeys);
    expect(federation).toMatchObject({ clientTimeoutMs: 60_000, destinationMinRetryIntervalMs: 600_000 });
  });

  it('may do without certificates where a key server is told apart by its keys, or believed all the same', () => {
    const verifyKeys = { 'ed25519:1': 'A'.repeat(43) };
    const servers = [
      { server_name: 'a.test', verify_keys: verifyKeys },
      { server_name: 'b.test', accept_keys_insecurely: true },
    ];
    const { keys } = testConfig({ federation_verify_certificates: false, trusted_key_servers: servers });
    expect(keys.trustedKeyServers.map(({ serverName }) => serverName)).toEqual(['a.test', 'b.test']);
  });

  it('is told to who starts the server where it makes others less safe, or leads elsewhere', () => {
    const noticesOf = (options: Readonly<Record<string, unknown>>): readonly string[] =>
      testConfig(options).notices.filter((notice) => !notice.startsWith('there are no listeners'));
    expect(noticesOf({})).toEqual([]);
    const trusted_key_servers: object[] = [];
    const notices = noticesOf({
      federation_verify_certificates: false,
      trusted_key_servers,
      https_proxy: 'https://me:secret@proxy.test:3128',
      no_proxy_hosts: ['10.0.0.0/8', 'inner.test'],
    });
    expect(notices).toEqual([
      'federation_verify_certificates is off: anybody on the way to another server can pass for it, read what is said and change it; use this for tests only',
      'requests to https addresses go through the proxy https://proxy.test:3128, but for those to 10.0.0.0/8, inner.test',
    ]);
    const other = noticesOf({
      federation_certificate_verification_whitelist: ['*'],
      http_proxy: 'proxy.test',
    });
    expect(other).toEqual([
      'federation_certificate_verification_whitelist takes in all servers: anybody on the way to another server can pass for it, read what is said and change it; use this for tests only',
      'requests to http addresses go through the proxy http://proxy.test:1080',
    ]);
  });
});
