import { join } from 'node:path';
import { randomString, systemRandom } from '@myelin/runtime';

export interface ConfigTextOptions {
  readonly serverName: string;
  readonly configDirectory: string;
  readonly dataDirectory: string;
  /** undefined: left out, for the administrator to fill in. */
  readonly reportStats: boolean | undefined;
  readonly secrets: boolean;
  readonly openPrivatePorts?: boolean | undefined;
  readonly enableMetrics?: boolean | undefined;
  /** Addresses of the listener; by default those of this machine alone. */
  readonly bindAddresses?: readonly string[];
}

/** Comment above a fresh homeserver.yaml. */
export const configHeader = `# Configuration of Myelin. It has the options of Synapse's homeserver.yaml; docs/reference/configuration.md
# describes each, docs/sample-homeserver.yaml shows them with their defaults.
`;

/** A fresh homeserver.yaml. */
export function configText(options: ConfigTextOptions, header: string = configHeader): string {
  const { serverName, configDirectory, dataDirectory } = options;
  const bind = options.openPrivatePorts ? undefined : (options.bindAddresses ?? ['::1', '127.0.0.1']);
  const lines = [
    header,
    `server_name: ${quoted(serverName)}`,
    `pid_file: ${quoted(join(dataDirectory, 'homeserver.pid'))}`,
    'listeners:',
    `  - port: ${clientPort(serverName)}`,
    '    type: http',
    '    tls: false',
    '    x_forwarded: true',
    ...(bind === undefined ? [] : [`    bind_addresses: [${bind.map(quoted).join(', ')}]`]),
    '    resources:',
    '      - names: [client, federation]',
    '        compress: false',
    ...(options.enableMetrics ? ['  - port: 19090', '    type: metrics', "    bind_addresses: ['127.0.0.1']"] : []),
    'database:',
    '  name: sqlite3',
    '  args:',
    `    database: ${quoted(join(dataDirectory, 'homeserver.db'))}`,
    `log_config: ${quoted(join(configDirectory, `${serverName}.log.config`))}`,
    `media_store_path: ${quoted(join(dataDirectory, 'media_store'))}`,
    ...(options.secrets ? [`registration_shared_secret: ${quoted(secretText())}`] : []),
    options.reportStats === undefined
      ? '# report_stats: false  # must be given'
      : `report_stats: ${options.reportStats}`,
    ...(options.enableMetrics ? ['enable_metrics: true'] : []),
    ...(options.secrets
      ? [`macaroon_secret_key: ${quoted(secretText())}`, `form_secret: ${quoted(secretText())}`]
      : []),
    `signing_key_path: ${quoted(join(configDirectory, `${serverName}.signing.key`))}`,
    'trusted_key_servers:',
    '  - server_name: "matrix.org"',
  ];
  return `${lines.join('\n')}\n`;
}

/** 50 random characters: 300 bits. */
export function secretText(): string {
  return randomString(systemRandom, 50);
}

/** 8008, or 400 below the port in the server's name. */
function clientPort(serverName: string): number {
  const port = Number(/:(\d+)$/.exec(serverName)?.[1] ?? 8408);
  return port > 400 ? port - 400 : port;
}

/** A text between double quotes, as YAML and JSON both read it. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
