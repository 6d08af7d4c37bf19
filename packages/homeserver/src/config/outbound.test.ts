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
});
