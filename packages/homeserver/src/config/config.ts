import type { TurnConfig } from './sections/calls.ts';
import type { ConsentConfig, TemplatesConfig } from './sections/consent.ts';
import type { DatabaseConfig } from './sections/database.ts';
import type { FederationConfig, OutboundConfig } from './sections/federation.ts';
import type { KeysConfig } from './sections/keys.ts';
import type { ListenerConfig, TlsConfig } from './sections/listeners.ts';
import type { LoggingConfig } from './log-settings.ts';
import type { MediaConfig } from './sections/media.ts';
import type {
  CachesConfig,
  ExperimentalConfig,
  MetricsConfig,
  PushConfig,
  RetentionConfig,
} from './sections/operations.ts';
import type { PasswordConfig } from './sections/password.ts';
import type { PresenceConfig, ProfilesConfig, UserDirectoryConfig } from './sections/people.ts';
import type { RateLimitsConfig } from './sections/rate-limits.ts';
import type { RegistrationConfig } from './sections/registration.ts';
import type { RoomsConfig } from './sections/rooms.ts';
import type { ServerConfig } from './sections/server.ts';
import type { ServerNoticesConfig } from './sections/server-notices.ts';
import type { SessionsConfig } from './sections/sessions.ts';

/** homeserver.yaml, read, checked and frozen. Durations are milliseconds, sizes bytes, paths absolute. */
export interface Config {
  readonly server: ServerConfig;
  readonly listeners: readonly ListenerConfig[];
  /** undefined: no listener has TLS. */
  readonly tls: TlsConfig | undefined;
  readonly database: DatabaseConfig;
  readonly logging: LoggingConfig;
  readonly keys: KeysConfig;
  readonly registration: RegistrationConfig;
  readonly sessions: SessionsConfig;
  readonly password: PasswordConfig;
  readonly rateLimits: RateLimitsConfig;
  readonly media: MediaConfig;
  readonly rooms: RoomsConfig;
  readonly profiles: ProfilesConfig;
  readonly userDirectory: UserDirectoryConfig;
  readonly presence: PresenceConfig;
  readonly caches: CachesConfig;
  readonly retention: RetentionConfig;
  readonly metrics: MetricsConfig;
  readonly push: PushConfig;
  readonly turn: TurnConfig;
  /** undefined: there are no terms to agree to. */
  readonly consent: ConsentConfig | undefined;
  /** undefined: the server has nothing to say to its users. */
  readonly serverNotices: ServerNoticesConfig | undefined;
  readonly templates: TemplatesConfig;
  readonly federation: FederationConfig;
  readonly outbound: OutboundConfig;
  readonly experimental: ExperimentalConfig;
  /** Sentences for the administrator at start: options not served yet, unknown or deprecated ones. */
  readonly notices: readonly string[];
}
