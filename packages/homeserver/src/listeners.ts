import { chmod, readFile, unlink } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Config, ListenerConfig } from './config/index.ts';
import { createHttpServer, HeldBodies, type HttpServerOptions, type Route } from './http/index.ts';

/** Which listener resource a route belongs to: `client`, `federation`, `media`, `health`, `metrics`, … */
export interface ResourceRoutes {
  readonly resource: string;
  readonly routes: readonly Route[];
}

/** Something that listens. */
export interface OpenListener {
  /** `http://host:port`, `https://host:port` or `unix:path`. */
  readonly address: string;
  readonly resources: readonly string[];
}

export interface Listeners {
  readonly open: readonly OpenListener[];
  close(): Promise<void>;
}

export type SharedHttpOptions = Omit<HttpServerOptions, 'xForwarded' | 'https' | 'bodies'>;

/** Opens the listeners of homeserver.yaml, each with the routes of its resources. */
export async function openListeners(
  config: Config,
  resources: readonly ResourceRoutes[],
  options: SharedHttpOptions,
): Promise<Listeners> {
  const servers: FastifyInstance[] = [];
  const ready: { server: FastifyInstance; target: Target; listener: ListenerConfig; resources: readonly string[] }[] =
    [];
  const open: OpenListener[] = [];
  const bodies = new HeldBodies();
  const close = async (): Promise<void> => {
    for (const waiting of options.waiting) waiting.abort();
    await Promise.all(servers.map((server) => server.close()));
  };
  try {
    for (const listener of config.listeners) {
      if (listener.type === 'manhole') continue;
      const wanted = wantedResources(listener);
      const routes = resources.filter(({ resource }) => wanted.has(resource)).flatMap((each) => each.routes);
      for (const target of targetsOf(listener)) {
        const server = createHttpServer(routes, {
          ...options,
          bodies,
          xForwarded: listener.xForwarded,
          ...(listener.tls && config.tls
            ? {
                https: {
                  key: await readFile(config.tls.privateKeyPath),
                  cert: await readFile(config.tls.certificatePath),
                },
              }
            : {}),
        });
        servers.push(server);
        await server.ready();
        ready.push({ server, target, listener, resources: [...wanted] });
      }
    }
    // Once all are ready: whoever is answered by one finds the others as well.
    for (const { server, target, listener, resources: served } of ready) {
      try {
        open.push({ address: await listen(server, target, listener), resources: served });
      } catch (error) {
        if (!isMissingIpv6(error, target, listener)) throw error;
      }
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { open, close };
}

/** A client or federation listener also answers what every homeserver shows at its address. */
function wantedResources(listener: ListenerConfig): Set<string> {
  if (listener.type === 'metrics') return new Set(['metrics']);
  const wanted = new Set<string>(listener.resources);
  // As Synapse has it: `client` brings media and static pages along, every http listener answers /health. The terms that
  // clients are told to show are where they call.
  if (wanted.has('client')) for (const more of ['media', 'static', 'consent']) wanted.add(more);
  if (wanted.has('federation')) for (const more of ['keys', 'openid', 'media']) wanted.add(more);
  wanted.add('health');
  return wanted;
}

type Target = { readonly host: string; readonly port: number } | { readonly path: string; readonly mode: number };

function targetsOf(listener: ListenerConfig): Target[] {
  const { address } = listener;
  if (address.kind === 'unix') return [{ path: address.path, mode: address.mode }];
  return address.bindAddresses.map((host) => ({ host, port: address.port }));
}

/** A machine without IPv6 listens on the other addresses. */
function isMissingIpv6(error: unknown, target: Target, { address }: ListenerConfig): boolean {
  if (!('host' in target) || !target.host.includes(':')) return false;
  const others = address.kind === 'tcp' && address.bindAddresses.some((host) => !host.includes(':'));
  return others && ['EAFNOSUPPORT', 'EADDRNOTAVAIL'].includes(String((error as { code?: unknown }).code));
}

async function listen(server: FastifyInstance, target: Target, listener: ListenerConfig): Promise<string> {
  if ('path' in target) {
    // A socket file that a killed server left behind would keep us from listening.
    await unlink(target.path).catch(() => {});
    await server.listen({ path: target.path });
    await chmod(target.path, target.mode);
    return `unix:${target.path}`;
  }
  // With 0.0.0.0 beside it, :: must leave IPv4 alone; by itself it takes both.
  const { address } = listener;
  const ipv6Only = target.host === '::' && address.kind === 'tcp' && address.bindAddresses.includes('0.0.0.0');
  await server.listen({ host: target.host, port: target.port, ipv6Only });
  const { port } = server.server.address() as AddressInfo;
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  return `${listener.tls ? 'https' : 'http'}://${host}:${port}`;
}
