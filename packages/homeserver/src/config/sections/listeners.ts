import { resolve } from 'node:path';
import type { Mapping, Values } from '../values.ts';
import { optionalPath, type Context } from './context.ts';

export const resourceNames = [
  'client',
  'consent',
  'federation',
  'health',
  'keys',
  'media',
  'metrics',
  'openid',
  'replication',
  'static',
] as const;

export type ResourceName = (typeof resourceNames)[number];

export interface ListenerConfig {
  readonly type: 'http' | 'metrics' | 'manhole';
  readonly address: TcpAddress | UnixAddress;
  /** In which the server's certificate is shown. Never true for unix sockets. */
  readonly tls: boolean;
  /** Take the client's address from X-Forwarded-For (and its scheme from X-Forwarded-Proto). */
  readonly xForwarded: boolean;
  /** What is served; for type http only. A metrics listener has `metrics`. */
  readonly resources: ReadonlySet<ResourceName>;
  /** Whether answers are compressed (of the resources that say so). */
  readonly compress: boolean;
  /** Name of the listener in logs and metrics. */
  readonly tag: string;
  readonly requestIdHeader: string | undefined;
  readonly additionalResources: Mapping;
}

export interface TcpAddress {
  readonly kind: 'tcp';
  /** 0 lets the system choose (tests). */
  readonly port: number;
  readonly bindAddresses: readonly string[];
}

export interface UnixAddress {
  readonly kind: 'unix';
  readonly path: string;
  /** Permissions of the socket file, e.g. 0o666. */
  readonly mode: number;
}

export interface TlsConfig {
  readonly certificatePath: string;
  readonly privateKeyPath: string;
}

export function readListeners(context: Context): readonly ListenerConfig[] {
  const { values, notice } = context;
  const listeners = (values.items('listeners') ?? []).map((listener) => readListener(listener, context));
  const further = [
    ...portOption(values, 'manhole', '127.0.0.1'),
    ...portOption(values, 'metrics_port', values.optionalString('metrics_bind_host') ?? '127.0.0.1'),
  ];
  if (!values.boolean('no_tls')) return [...listeners, ...further];
  const open = listeners.filter((listener) => !listener.tls);
  if (open.length < listeners.length)
    notice('no_tls is set: the listeners with `tls: true` are left out; remove them, and no_tls');
  return [...open, ...further];
}

/** The certificate of the TLS listeners; undefined if no listener needs one. */
export function readTls(context: Context, listeners: readonly ListenerConfig[]): TlsConfig | undefined {
  const certificatePath = optionalPath(context, 'tls_certificate_path');
  const privateKeyPath = optionalPath(context, 'tls_private_key_path');
  if (listeners.some((listener) => listener.tls)) {
    for (const [name, path] of [
      ['tls_certificate_path', certificatePath],
      ['tls_private_key_path', privateKeyPath],
    ] as const) {
      if (path === undefined) throw context.values.fail(name, 'is needed because a listener has `tls: true`');
      if (context.files.kind(path) !== 'file') throw context.values.fail(name, `there is no file ${path}`);
    }
  }
  if (certificatePath === undefined || privateKeyPath === undefined) return undefined;
  return { certificatePath, privateKeyPath };
}

function readListener(values: Values, { cwd, notice }: Context): ListenerConfig {
  const type = listenerType(values);
  if (type === 'manhole') notice(`${values.path('type')}: there is no manhole here; nothing listens for it`);
  const address = listenerAddress(values, type, cwd);
  const tls = values.boolean('tls');
  if (tls && address.kind === 'unix')
    throw values.fail('tls', "a unix socket can't have TLS; let the reverse proxy do it");
  const unix = address.kind === 'unix';
  const resources =
    type === 'http'
      ? readResources(values, notice)
      : { names: type === 'metrics' ? (['metrics'] as const) : [], compress: false };
  return {
    type,
    address,
    tls,
    xForwarded: values.has('x_forwarded') ? values.boolean('x_forwarded') : unix,
    resources: new Set(resources.names),
    compress: resources.compress,
    tag: values.optionalString('tag') ?? (unix ? 'unix' : String(address.port)),
    requestIdHeader: values.optionalString('request_id_header'),
    additionalResources: values.mapping('additional_resources') ?? {},
  };
}

function listenerType(values: Values): ListenerConfig['type'] {
  const type = values.raw('type');
  if (type === 'webclient') {
    throw values.fail(
      'type',
      'web clients are not served any more; remove this listener, host the client elsewhere and name it in web_client_location',
    );
  }
  if (type === 'replication') {
    throw values.fail('type', 'direct replication between workers is gone; remove this listener and use redis');
  }
  return values.oneOf('type', ['http', 'metrics', 'manhole']);
}

function listenerAddress(values: Values, type: string, cwd: string): TcpAddress | UnixAddress {
  const path = values.optionalString('path');
  const port = values.optionalInteger('port', 0, 65_535);
  if (path !== undefined && path !== '') {
    if (port)
      throw values.fail('path', "a listener can't have both a port and the path of a unix socket; make two listeners");
    return { kind: 'unix', path: resolve(cwd, path), mode: values.integer('mode', 0, 0o7777) };
  }
  if (port === undefined)
    throw values.fail('port', 'is missing: a listener needs a port, or the path of a unix socket');
  const given = [...values.strings('bind_addresses')];
  const single = values.optionalString('bind_address');
  if (single) given.push(single);
  const everywhere = type === 'metrics' ? ['0.0.0.0'] : type === 'manhole' ? ['127.0.0.1'] : ['::', '0.0.0.0'];
  return { kind: 'tcp', port, bindAddresses: given.length > 0 ? given : everywhere };
}

function readResources(values: Values, notice: Context['notice']): { names: ResourceName[]; compress: boolean } {
  const names: ResourceName[] = [];
  let compress = false;
  for (const resource of values.items('resources') ?? []) {
    for (const [at, name] of resource.strings('names').entries()) {
      if (name === 'webclient')
        throw resource.fail(
          `names[${at}]`,
          'web clients are not served any more; remove it and set web_client_location',
        );
      if (!isResourceName(name))
        throw resource.fail(
          `names[${at}]`,
          `there is no resource ${JSON.stringify(name)}; known are ${resourceNames.join(', ')}`,
        );
      if (name === 'replication')
        notice(`${resource.path(`names[${at}]`)}: there are no workers yet; replication is not served`);
      names.push(name);
    }
    compress ||= resource.boolean('compress');
  }
  return { names, compress };
}

function isResourceName(name: string): name is ResourceName {
  return (resourceNames as readonly string[]).includes(name);
}

/** The listener that a port option of its own makes. */
function portOption(values: Values, name: 'manhole' | 'metrics_port', address: string): readonly ListenerConfig[] {
  const port = values.optionalInteger(name, 0, 65_535);
  if (!port) return [];
  return [
    {
      type: name === 'manhole' ? 'manhole' : 'metrics',
      address: { kind: 'tcp', port, bindAddresses: [address] },
      tls: false,
      xForwarded: false,
      resources: new Set(name === 'manhole' ? [] : (['metrics'] as const)),
      compress: false,
      tag: String(port),
      requestIdHeader: undefined,
      additionalResources: {},
    },
  ];
}
