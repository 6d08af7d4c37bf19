import { AddressRules, ProxyRules, UndiciHttp, type OutboundHttp, type Resolver } from '@myelin/runtime';

/** HTTP without proxy and deny list: what is looked at is what the person at the terminal asked for. */
export function plainHttp(resolver: Resolver, verify: boolean, authorities: readonly string[]): OutboundHttp {
  return new UndiciHttp({
    resolver,
    rules: new AddressRules([]),
    proxies: new ProxyRules({ httpProxy: undefined, httpsProxy: undefined, noProxyHosts: [] }),
    tls: { authorities, verifies: () => verify },
  });
}
