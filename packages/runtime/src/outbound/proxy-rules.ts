import { isIP } from 'node:net';
import { AddressRules } from './address-rules.ts';

/** Which proxy requests go through. */
export interface ProxySettings {
  /** `http://user:password@host:port`, `https://…` or `host:port`. */
  readonly httpProxy: string | undefined;
  readonly httpsProxy: string | undefined;
  /** Hosts that are reached without it: names stand for what is below them too, `*` for all; addresses and ranges (CIDR). */
  readonly noProxyHosts: readonly string[];
}

export interface Proxy {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  /** Value of `Proxy-Authorization`; secret. */
  readonly authorization: string | undefined;
}

/** Picks the proxy of a request. */
export class ProxyRules {
  readonly #http: Proxy | undefined;
  readonly #https: Proxy | undefined;
  readonly #without: readonly string[];
  /** What is written as addresses, or ranges of them: it allows those that a proxy is for. */
  readonly #proxied: AddressRules;

  /** Throws an Error (without the password) where a proxy's address isn't one. */
  constructor({ httpProxy, httpsProxy, noProxyHosts }: ProxySettings) {
    this.#http = parseProxy(httpProxy);
    this.#https = parseProxy(httpsProxy);
    this.#without = noProxyHosts.map((host) =>
      host
        .trim()
        .toLowerCase()
        .replace(/^\*?\./, ''),
    );
    this.#proxied = new AddressRules(this.#without.map((host) => host.replace(/^\[|\]$/g, '')).filter(isRange));
  }

  /** `host` without brackets. */
  proxyFor(protocol: string, host: string, port: number): Proxy | undefined {
    const proxy = protocol === 'https:' ? this.#https : this.#http;
    return proxy && !this.#isDirect(host.toLowerCase(), port) ? proxy : undefined;
  }

  #isDirect(host: string, port: number): boolean {
    if (isIP(host) !== 0 && !this.#proxied.allows(host)) return true;
    return this.#without.some(
      (name) =>
        name === '*' || name === host || name === `${host}:${port}` || (name !== '' && host.endsWith(`.${name}`)),
    );
  }
}

function isRange(text: string): boolean {
  try {
    new AddressRules([text]);
    return true;
  } catch {
    return false;
  }
}

function parseProxy(text: string | undefined): Proxy | undefined {
  if (text === undefined || text === '') return undefined;
  const full = text.includes('://') ? text : `http://${text}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.hostname === '') {
    throw new Error('The address of a proxy is not of the form http://host:port');
  }
  const scheme = url.protocol === 'https:' ? 'https' : 'http';
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return {
    scheme,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    // As in Synapse: a proxy without a port listens on 1080.
    port: url.port === '' ? portOf(full, scheme) : Number(url.port),
    authorization: url.username === '' ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`,
  };
}

/** URL hides a port that is the scheme's own. */
function portOf(text: string, scheme: 'http' | 'https'): number {
  const own = scheme === 'https' ? 443 : 80;
  return new RegExp(`:${own}/*$`).test(text) ? own : 1080;
}
