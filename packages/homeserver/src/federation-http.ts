import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { compileGlob } from '@myelin/protocol';
import { AddressRules, ProxyRules, UndiciHttp, type OutboundHttp, type Resolver } from '@myelin/runtime';
import { ConfigError, type Config } from './config/index.ts';
import { version } from './version.ts';

/** Requests to servers that anybody may name: addresses are looked at, certificates too, as homeserver.yaml says. */
export async function federationHttp({ federation, outbound }: Config, resolver: Resolver): Promise<OutboundHttp> {
  const { customCaPaths, verifyCertificates, certificateVerificationWhitelist, minimumTlsVersion } = federation;
  const { httpProxy, httpsProxy, noProxyHosts } = outbound;
  const unverified = certificateVerificationWhitelist.map((pattern) => compileGlob(pattern));
  const authorities = customCaPaths && (await readAuthorities(customCaPaths));
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

/** Throws a ConfigError where one isn't there, or holds no certificate. */
async function readAuthorities(paths: readonly string[]): Promise<string[]> {
  return Promise.all(
    paths.map(async (path) => {
      try {
        const text = await readFile(path, 'utf8');
        new X509Certificate(text);
        return text;
      } catch (error) {
        const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? "doesn't exist" : "can't be read as one";
        throw new ConfigError(`the certificate ${path} ${reason}`, 'federation_custom_ca_list');
      }
    }),
  );
}

/** How this server names itself to others. */
export function userAgentOf({ outbound }: Config): string {
  return outbound.userAgentSuffix ? `Myelin/${version} ${outbound.userAgentSuffix}` : `Myelin/${version}`;
}
