import { join } from 'node:path';
import { federationOfTests } from '../federation/federation-config.ts';
import { noRateLimits } from '../server/no-rate-limits.ts';

export interface SynapseSurroundings {
  readonly serverName: string;
  readonly folder: string;
  readonly clientPort: number;
  readonly federationPort: number;
  readonly presence: boolean;
  /** How long a server is left alone that fails, in milliseconds. */
  readonly retryMs: number;
}

/** What Synapse reads at its start: JSON, which is YAML. Nobody waits for anybody, and everybody may register. */
export function synapseConfig(surroundings: SynapseSurroundings): object {
  const { serverName, folder, clientPort, federationPort, presence, retryMs } = surroundings;
  const listener = (port: number, more: object): object => ({
    type: 'http',
    port,
    bind_addresses: ['127.0.0.1'],
    ...more,
  });
  return {
    server_name: serverName,
    pid_file: join(folder, 'pid'),
    log_config: join(folder, 'log.yaml'),
    media_store_path: join(folder, 'media'),
    database: { name: 'sqlite3', args: { database: join(folder, 'homeserver.db') } },
    signing_key: `ed25519 a_1 ${Buffer.alloc(32, `key of ${serverName}`).toString('base64')}`,
    macaroon_secret_key: 'macaroons of tests',
    form_secret: 'forms of tests',
    listeners: [
      listener(clientPort, { resources: [{ names: ['client'] }] }),
      listener(federationPort, { tls: true, resources: [{ names: ['federation'] }] }),
    ],
    ...federationOfTests,
    federation_ip_range_blacklist: [],
    federation: {
      ...federationOfTests.federation,
      destination_min_retry_interval: retryMs,
      destination_retry_multiplier: 1,
      destination_max_retry_interval: retryMs,
    },
    report_stats: false,
    bcrypt_rounds: 4,
    enable_registration: true,
    enable_registration_without_verification: true,
    registration_shared_secret: 'registration secret of tests',
    allow_public_rooms_over_federation: true,
    room_list_publication_rules: [{ action: 'allow' }],
    presence: { enabled: presence },
    url_preview_enabled: false,
    ...noRateLimits,
    rc_federation: { window_size: 1000, sleep_limit: 100_000, sleep_delay: 1, reject_limit: 100_000, concurrent: 100 },
  };
}

/** Python's configuration of logs: into one file. */
export function synapseLogConfig(file: string, level: string): object {
  return {
    version: 1,
    formatters: { plain: { format: '%(asctime)s %(levelname)s %(name)s %(request)s %(message)s' } },
    filters: { context: { '()': 'synapse.logging.context.LoggingContextFilter' } },
    handlers: {
      file: { class: 'logging.FileHandler', filename: file, formatter: 'plain', filters: ['context'] },
    },
    root: { level, handlers: ['file'] },
    disable_existing_loggers: false,
  };
}
