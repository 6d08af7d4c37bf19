import { AddressRules, ProxyRules } from '@myelin/runtime';
import type { Values } from '../values.ts';
import type { Context } from './context.ts';

export interface FederationConfig {
  /** Servers to talk to; undefined: all. */
  readonly domainWhitelist: ReadonlySet<string> | undefined;
  readonly whitelistEndpoint: boolean;
  readonly deviceNameLookup: boolean;
  /** Servers that have figures of their own. */
  readonly metricsDomains: ReadonlySet<string>;
  readonly verifyCertificates: boolean;
  readonly minimumTlsVersion: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  /** Globs. */
  readonly certificateVerificationWhitelist: readonly string[];
  /** undefined: the system's authorities. */
  readonly customCaPaths: readonly string[] | undefined;
  readonly clientTimeoutMs: number;
  readonly maxShortRetryDelayMs: number;
  readonly maxLongRetryDelayMs: number;
  readonly maxShortRetries: number;
  readonly maxLongRetries: number;
  readonly destinationMinRetryIntervalMs: number;
  readonly destinationRetryMultiplier: number;
  readonly destinationMaxRetryIntervalMs: number;
}

export interface OutboundConfig {
  readonly httpProxy: string | undefined;
  readonly httpsProxy: string | undefined;
  readonly noProxyHosts: readonly string[];
  readonly userAgentSuffix: string | undefined;
  /** Ranges (CIDR) that requests must not reach, 0.0.0.0 and :: always among them. */
  readonly deniedRanges: readonly string[];
  /** Ranges that may be reached all the same. */
  readonly allowedRanges: readonly string[];
  readonly federationDeniedRanges: readonly string[];
  readonly federationAllowedRanges: readonly string[];
}

const tlsVersions = { '1': 'TLSv1', '1.1': 'TLSv1.1', '1.2': 'TLSv1.2', '1.3': 'TLSv1.3' } as const;

const danger =
  'anybody on the way to another server can pass for it, read what is said and change it; use this for tests only';

export function readFederation(context: Context): FederationConfig {
  const { values, notice } = context;
  const domains = values.optionalStrings('federation_domain_whitelist');
  const authorities = values.optionalStrings('federation_custom_ca_list');
  if (authorities?.length === 0)
    throw values.fail(
      'federation_custom_ca_list',
      'is empty; leave it out to trust the authorities that the system trusts',
    );
  const unchecked = values.strings('federation_certificate_verification_whitelist');
  if (!values.boolean('federation_verify_certificates')) notice(`federation_verify_certificates is off: ${danger}`);
  else if (unchecked.some((pattern) => /^[*]+$/.test(pattern)))
    notice(`federation_certificate_verification_whitelist takes in all servers: ${danger}`);
  return {
    domainWhitelist: domains === undefined ? undefined : new Set(domains),
    whitelistEndpoint: values.boolean('federation_whitelist_endpoint_enabled'),
    deviceNameLookup: values.boolean('allow_device_name_lookup_over_federation'),
    metricsDomains: new Set(values.strings('federation_metrics_domains')),
    verifyCertificates: values.boolean('federation_verify_certificates'),
    minimumTlsVersion: minimumTls(context),
    certificateVerificationWhitelist: unchecked,
    customCaPaths: authorities,
    clientTimeoutMs: values.duration('federation.client_timeout'),
    maxShortRetryDelayMs: values.duration('federation.max_short_retry_delay'),
    maxLongRetryDelayMs: values.duration('federation.max_long_retry_delay'),
    maxShortRetries: values.integer('federation.max_short_retries'),
    maxLongRetries: values.integer('federation.max_long_retries'),
    destinationMinRetryIntervalMs: values.duration('federation.destination_min_retry_interval'),
    destinationRetryMultiplier: values.integer('federation.destination_retry_multiplier', 1),
    destinationMaxRetryIntervalMs: values.duration('federation.destination_max_retry_interval'),
  };
}

export function readOutbound({ values, env, notice }: Context): OutboundConfig {
  const proxy = (scheme: 'http' | 'https'): string | undefined => {
    const name = `${scheme}_proxy`;
    const address = values.optionalString(name) || env[name] || env[name.toUpperCase()] || undefined;
    try {
      new ProxyRules({ httpProxy: address, httpsProxy: undefined, noProxyHosts: [] });
      return address;
    } catch (error) {
      throw values.fail(name, (error as Error).message);
    }
  };
  const noProxy = (env['no_proxy'] || env['NO_PROXY'] || '').split(',').map((host) => host.trim());
  const deniedRanges = [...ranges(values, 'ip_range_blacklist'), '0.0.0.0', '::'];
  const allowedRanges = ranges(values, 'ip_range_whitelist');
  if (values.optionalStrings('federation_ip_range_blacklist')) ranges(values, 'federation_ip_range_blacklist');
  const forFederation = values.optionalStrings('federation_ip_range_blacklist');
  const httpProxy = proxy('http');
  const httpsProxy = proxy('https');
  const noProxyHosts = values.optionalStrings('no_proxy_hosts') ?? noProxy.filter((host) => host !== '');
  tellOfProxies(new ProxyRules({ httpProxy, httpsProxy, noProxyHosts: [] }), noProxyHosts, notice);
  return {
    httpProxy,
    httpsProxy,
    noProxyHosts,
    userAgentSuffix: values.optionalString('user_agent_suffix'),
    deniedRanges,
    allowedRanges,
    federationDeniedRanges: forFederation === undefined ? deniedRanges : [...forFederation, '0.0.0.0', '::'],
    federationAllowedRanges: forFederation === undefined ? allowedRanges : [],
  };
}

/** Those of the environment too: they are easily forgotten. */
function tellOfProxies(rules: ProxyRules, except: readonly string[], notice: Context['notice']): void {
  for (const scheme of ['http', 'https'] as const) {
    const proxy = rules.proxyFor(`${scheme}:`, '', 0);
    if (!proxy) continue;
    const host = proxy.host.includes(':') ? `[${proxy.host}]` : proxy.host;
    const but = except.length > 0 ? `, but for those to ${except.join(', ')}` : '';
    notice(`requests to ${scheme} addresses go through the proxy ${proxy.scheme}://${host}:${proxy.port}${but}`);
  }
}

function ranges(values: Values, name: string): readonly string[] {
  const texts = values.strings(name);
  try {
    new AddressRules(texts);
    return texts;
  } catch (error) {
    throw values.fail(name, (error as Error).message);
  }
}

function minimumTls({ values }: Context): FederationConfig['minimumTlsVersion'] {
  const version = values.string('federation_client_minimum_tls_version');
  const found = Object.entries(tlsVersions).find(([key]) => key === version)?.[1];
  if (found !== undefined) return found;
  throw values.wrong('federation_client_minimum_tls_version', 'one of 1, 1.1, 1.2, 1.3', version);
}
