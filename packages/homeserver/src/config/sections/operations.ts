import { isMapping, type Values } from '../values.ts';
import type { Context } from './context.ts';

export interface CachesConfig {
  /** All caches are their usual size times this. */
  readonly globalFactor: number;
  /** By the cache's name in lower case without punctuation. */
  readonly factors: Readonly<Record<string, number>>;
  /** undefined: entries stay until they are pushed out. */
  readonly entryTtlMs: number | undefined;
  readonly eventCacheSize: number;
  /** For so long an answer to /sync is kept for a client that asks again. */
  readonly syncResponseMs: number;
}

export function readCaches({ values, env }: Context): CachesConfig {
  const factors: Record<string, number> = {};
  for (const [name, factor] of Object.entries(values.mapping('caches.per_cache_factors') ?? {})) {
    if (typeof factor !== 'number' || factor < 0)
      throw values.wrong(`caches.per_cache_factors.${name}`, 'a number of at least 0', factor);
    factors[cacheName(name)] = factor;
  }
  for (const [name, factor] of Object.entries(env)) {
    if (name.startsWith('SYNAPSE_CACHE_FACTOR_') && Number(factor) >= 0) {
      factors[cacheName(name.slice('SYNAPSE_CACHE_FACTOR_'.length))] = Number(factor);
    }
  }
  const expiryTime = values.optionalDuration('caches.expiry_time');
  const ttl = values.boolean('caches.expire_caches') ? values.duration('caches.cache_entry_ttl') : undefined;
  return {
    globalFactor: globalFactor(values, env['SYNAPSE_CACHE_FACTOR']),
    factors,
    entryTtlMs: expiryTime || ttl,
    eventCacheSize: values.size('event_cache_size'),
    syncResponseMs: values.duration('caches.sync_response_cache_duration'),
  };
}

function globalFactor(values: Values, fromEnvironment: string | undefined): number {
  if (!values.has('caches.global_factor') && Number(fromEnvironment) > 0) return Number(fromEnvironment);
  return values.number('caches.global_factor');
}

function cacheName(name: string): string {
  return name.replace(/[^A-Za-z_1-9]/g, '').toLowerCase();
}

/** How long things are kept; undefined: for ever. Milliseconds. */
export interface RetentionConfig {
  readonly redactedEventsMs: number | undefined;
  readonly forgottenRoomsMs: number | undefined;
  readonly userIpsMs: number | undefined;
  readonly staleDevicesMs: number | undefined;
}

export function readRetention({ values }: Context): RetentionConfig {
  // Written as null they mean "for ever"; left out they have their default.
  const kept = (name: string): number | undefined => (values.isNull(name) ? undefined : values.optionalDuration(name));
  return {
    redactedEventsMs: kept('redaction_retention_period'),
    forgottenRoomsMs: kept('forgotten_room_retention_period'),
    userIpsMs: kept('user_ips_max_age'),
    staleDevicesMs: kept('delete_stale_devices_after') || undefined,
  };
}

export interface MetricsConfig {
  readonly enabled: boolean;
  readonly reportStats: boolean;
  readonly reportStatsEndpoint: string;
}

export function readMetrics({ values }: Context): MetricsConfig {
  return {
    enabled: values.boolean('enable_metrics'),
    reportStats: values.boolean('report_stats'),
    reportStatsEndpoint: values.string('report_stats_endpoint'),
  };
}

export interface PushConfig {
  readonly enabled: boolean;
  readonly includeContent: boolean;
  readonly groupUnreadCountByRoom: boolean;
  readonly jitterDelayMs: number;
  readonly maxRules: number;
  readonly maxRuleIdLength: number;
  readonly maxRuleSize: number;
}

export function readPush({ values }: Context): PushConfig {
  return {
    enabled: values.boolean('push.enabled'),
    includeContent: values.boolean('push.include_content'),
    groupUnreadCountByRoom: values.boolean('push.group_unread_count_by_room'),
    jitterDelayMs: values.duration('push.jitter_delay'),
    maxRules: values.integer('push_rules.limits.rule_count'),
    maxRuleIdLength: values.integer('push_rules.limits.rule_id_length'),
    maxRuleSize: values.size('push_rules.limits.rule_size'),
  };
}

export interface ExperimentalConfig {
  /** Whether a flag of experimental_features is set; by its name in the file, e.g. `msc3575_enabled`. */
  readonly flags: Readonly<Record<string, boolean>>;
}

export function readExperimental({ values }: Context, names: readonly string[]): ExperimentalConfig {
  const features = values.raw('experimental_features') ?? {};
  if (!isMapping(features)) throw values.wrong('experimental_features', 'a mapping', features);
  return { flags: Object.fromEntries(names.map((name) => [name, values.boolean(`experimental_features.${name}`)])) };
}
