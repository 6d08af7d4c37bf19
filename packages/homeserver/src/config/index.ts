export type { Config } from './config.ts';
export { ConfigError } from './config-error.ts';
export { memoryConfigFiles, systemConfigFiles, type ConfigFiles } from './config-files.ts';
export { configFromObject, loadConfig, readConfigFiles, type LoadOptions } from './load-config.ts';
export { levelOfLogger } from './log-config.ts';
export type { LegacyOption, Option, OptionSection, OptionValue } from './option.ts';
export { optionSections, options } from './option-table.ts';
export { optionTree, type OptionNode } from './option-tree.ts';
export { legacyOptions } from './options/legacy.ts';
export { isServed, servedOptions } from './served.ts';
export { testConfig, testOptions } from './test-config.ts';
export type { TurnConfig } from './sections/calls.ts';
export type { ConsentConfig, TemplatesConfig } from './sections/consent.ts';
export type { ServerNoticesConfig } from './sections/server-notices.ts';
export type { DatabaseConfig } from './sections/database.ts';
export type { FederationConfig, OutboundConfig } from './sections/federation.ts';
export {
  parseSigningKeys,
  type KeysConfig,
  type OldSigningKey,
  type SigningKey,
  type TrustedKeyServer,
} from './sections/keys.ts';
export type { ListenerConfig, ResourceName, TcpAddress, TlsConfig, UnixAddress } from './sections/listeners.ts';
export type { LoggingConfig, LogLevel, LogOutput, LogRotation } from './log-settings.ts';
export type { MediaConfig, MediaUploadLimit, ThumbnailSize } from './sections/media.ts';
export type {
  CachesConfig,
  ExperimentalConfig,
  MetricsConfig,
  PushConfig,
  RetentionConfig,
} from './sections/operations.ts';
export type { PasswordConfig, PasswordPolicy } from './sections/password.ts';
export type { PresenceConfig, ProfilesConfig, UserDirectoryConfig } from './sections/people.ts';
export type { FederationRateLimit, RateLimit, RateLimitsConfig } from './sections/rate-limits.ts';
export type { AutoJoinConfig, RegistrationConfig } from './sections/registration.ts';
export type {
  DirectoryConfig,
  DirectoryRule,
  PrejoinStateType,
  RemoteRoomLimit,
  RoomPreset,
  RoomsConfig,
} from './sections/rooms.ts';
export type { ServerConfig } from './sections/server.ts';
export type { SessionsConfig } from './sections/sessions.ts';
