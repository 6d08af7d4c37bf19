import { connect as connectTcp, isIP, type Socket } from 'node:net';
import type { SecureContext, TLSSocket } from 'node:tls';
import type { AddressRules } from './address-rules.ts';
import { OutboundError } from './outbound-http.ts';
import type { Proxy } from './proxy-rules.ts';
import type { Resolver } from './resolver.ts';
import { nodeTls } from './node-tls.ts';

/** Where a connection goes, and how its other end proves who it is. */
export interface Target {
  readonly protocol: 'http:' | 'https:';
  /** Name or address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Name or address that the certificate must be for. */
  readonly tlsName: string;
  /** Whether the certificate is looked at. */
  readonly verify: boolean;
  readonly proxy: Proxy | undefined;
}

export interface ConnectParts {
  readonly resolver: Resolver;
  readonly rules: AddressRules;
  /** `verify`: whether it is for connections whose certificate is looked at. */
  readonly secureContext: (verify: boolean) => Promise<SecureContext>;
}

/** More of a proxy's answer to CONNECT than this isn't read. */
const longestProxyAnswer = 16_384;

/** Opens a connection, to an address that the rules allow. Throws OutboundError. */
export async function connectTo(target: Target, parts: ConnectParts, signal: AbortSignal): Promise<Socket> {
  if (isIP(target.host) !== 0) checkAddress(target.host, parts.rules);
  const socket = target.proxy
    ? await tunnel(target, target.proxy, parts, signal)
    : await connectAllowed(target.host, target.port, parts, signal);
  return target.protocol === 'http:' ? socket : startTls(socket, target, parts, signal);
}

function checkAddress(address: string, rules: AddressRules): void {
  if (!rules.allows(address)) throw new OutboundError('denied', `The address ${address} is not to be reached`);
}

/** The addresses are those that were checked: nothing is resolved a second time. */
async function connectAllowed(host: string, port: number, parts: ConnectParts, signal: AbortSignal): Promise<Socket> {
  const addresses = isIP(host) === 0 ? await resolve(host, parts) : [host];
  const allowed = addresses.filter((address) => parts.rules.allows(address));
  if (allowed.length === 0) throw new OutboundError('denied', `The addresses of ${host} are not to be reached`);
  let failure: unknown;
  for (const [at, address] of allowed.entries()) {
    signal.throwIfAborted();
    const patience = at === allowed.length - 1 ? lastPatience : patienceWhileOthersWait;
    try {
      return await opened(connectTcp({ host: address, port, noDelay: true }), 'connect', signal, patience);
    } catch (error) {
      failure = error;
    }
  }
  throw new OutboundError('no-connection', `No connection to ${host} port ${port}`, failure);
}

/** An address that keeps silent is given up after so many ms: sooner where there is another to try. */
const lastPatience = 10_000;
const patienceWhileOthersWait = 3000;

async function resolve(host: string, { resolver }: ConnectParts): Promise<readonly string[]> {
  let addresses: readonly string[];
  try {
    addresses = await resolver.addresses(host);
  } catch (error) {
    throw new OutboundError('not-found', `${host} could not be looked up`, error);
  }
  if (addresses.length === 0) throw new OutboundError('not-found', `${host} has no address`);
  return addresses;
}

/** Proxies are the administrator's choice: their addresses aren't checked. RFC 9110 §9.3.6. */
async function tunnel(target: Target, proxy: Proxy, parts: ConnectParts, signal: AbortSignal): Promise<Socket> {
  let socket = await opened(connectTcp({ host: proxy.host, port: proxy.port, noDelay: true }), 'connect', signal);
  if (proxy.scheme === 'https') {
    socket = await startTls(socket, { ...target, tlsName: proxy.host, verify: true }, parts, signal);
  }
  const name = target.host.includes(':') ? `[${target.host}]` : target.host;
  const authorization = proxy.authorization ? `Proxy-Authorization: ${proxy.authorization}\r\n` : '';
  socket.write(`CONNECT ${name}:${target.port} HTTP/1.1\r\nHost: ${name}:${target.port}\r\n${authorization}\r\n`);
  const status = await proxyStatus(socket, signal);
  if (status >= 200 && status < 300) return socket;
  socket.destroy();
  throw new OutboundError('no-connection', `The proxy refused a connection to ${target.host} (${status})`);
}

function proxyStatus(socket: Socket, signal: AbortSignal): Promise<number> {
  return new Promise((resolveStatus, reject) => {
    let received = '';
    const end = (failure?: Error): void => {
      socket.off('data', onData).off('close', onClose).off('error', end);
      signal.removeEventListener('abort', onAbort);
      if (!failure) return;
      socket.destroy();
      reject(new OutboundError('failed', 'The proxy did not answer', failure));
    };
    const onClose = (): void => end(new Error('closed'));
    const onAbort = (): void => end(signal.reason as Error);
    const onData = (chunk: Buffer): void => {
      received += chunk.toString('latin1');
      const head = received.indexOf('\r\n\r\n');
      if (head === -1) {
        if (received.length > longestProxyAnswer) end(new Error('too long'));
        return;
      }
      socket.pause();
      end();
      if (head + 4 < received.length) socket.unshift(Buffer.from(received.slice(head + 4), 'latin1'));
      resolveStatus(Number(/^HTTP\/1\.[01] ([0-9]{3})/.exec(received)?.[1] ?? 0));
    };
    socket.on('data', onData).on('close', onClose).on('error', end);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

async function startTls(socket: Socket, target: Target, parts: ConnectParts, signal: AbortSignal): Promise<TLSSocket> {
  const { tlsName, verify } = target;
  const secureContext = await parts.secureContext(verify);
  const secure = nodeTls().connect({
    socket,
    secureContext,
    // RFC 6066 §3: no addresses.
    servername: isIP(tlsName) === 0 ? tlsName : '',
    rejectUnauthorized: verify,
    checkServerIdentity: (_host, certificate) => nodeTls().checkServerIdentity(tlsName, certificate),
    ALPNProtocols: ['http/1.1'],
  });
  try {
    return await opened(secure, 'secureConnect', signal);
  } catch (error) {
    socket.destroy();
    if (signal.aborted) throw error;
    throw new OutboundError('tls', `No TLS with ${tlsName}: ${tlsProblem(error)}`, error);
  }
}

function tlsProblem(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return code === 'ERR_TLS_CERT_ALTNAME_INVALID'
    ? 'the certificate is for another name'
    : (code ?? message ?? 'failed');
}

/** Resolves when the socket is ready. */
function opened<S extends Socket>(
  socket: S,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
  patience?: number,
): Promise<S> {
  return new Promise((resolveSocket, reject) => {
    const end = (failure?: unknown): void => {
      socket.off('error', end).off('close', onClose).off('timeout', onTimeout);
      signal.removeEventListener('abort', onAbort);
      socket.setTimeout(0);
      // What breaks while nobody listens yet is noticed by whoever uses it next.
      socket.on('error', () => {});
      if (failure === undefined) return resolveSocket(socket);
      socket.destroy();
      reject(failure as Error);
    };
    const onAbort = (): void => end(signal.reason);
    const onClose = (): void => end(new Error('The connection was closed'));
    const onTimeout = (): void => end(new Error('No answer in time'));
    socket.once(event, () => end());
    socket.once('error', end).once('close', onClose).once('timeout', onTimeout);
    if (patience !== undefined) socket.setTimeout(patience);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
