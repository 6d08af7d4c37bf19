import { readFile } from 'node:fs/promises';
import { compileGlob } from '@myelin/protocol';
import { AddressRules, ProxyRules, UndiciHttp, type OutboundHttp, type Resolver } from '@myelin/runtime';
import type { Config } from './config/index.ts';
import { version } from './version.ts';

/** Requests to servers that anybody may name: addresses are looked at, certificates too, as homeserver.yaml says. */
export async function federationHttp({ federation, outbound }: Config, resolver: Resolver): Promise<OutboundHttp> {
  const { customCaPaths, verifyCertificates, certificateVerificationWhitelist, minimumTlsVersion } = federation;
  const { httpProxy, httpsProxy, noProxyHosts } = outbound;
  const unverified = certificateVerificationWhitelist.map((pattern) => compileGlob(pattern));
  const authorities = customCaPaths && (await Promise.all(customCaPaths.map((path) => readFile(path, 'utf8'))));
  return new UndiciHttp({
    resolver,
    rules: new AddressRules(outbound.federationDeniedRanges, outbound.federationAllowedRanges),
    proxies: new ProxyRules({ httpProxy, httpsProxy, noProxyHosts }),
    tls: {
      ...(authorities ? { authorities } : {}),
      minimumVersion: minimumTlsVersion,
      verifies: (name) => verifyCertificates && !unverified.some((glob) => glob.matches(name)),
    },
  });
}

/** How this server names itself to others. */
export function userAgentOf({ outbound }: Config): string {
  return outbound.userAgentSuffix ? `Myelin/${version} ${outbound.userAgentSuffix}` : `Myelin/${version}`;
}
