import type { Values } from '../values.ts';
import type { Context } from './context.ts';

/** A bucket: `burstCount` actions at once, refilled with `perSecond`. */
export interface RateLimit {
  readonly perSecond: number;
  readonly burstCount: number;
}

/** The rc_* options; a request's class in the endpoint values is one of these names. */
export interface RateLimitsConfig {
  readonly message: RateLimit;
  readonly registration: RateLimit;
  readonly registrationTokenValidity: RateLimit;
  readonly loginAddress: RateLimit;
  readonly loginAccount: RateLimit;
  readonly loginFailedAttempts: RateLimit;
  /** undefined: redactions by administrators count as messages. */
  readonly adminRedaction: RateLimit | undefined;
  readonly joinsLocal: RateLimit;
  readonly joinsRemote: RateLimit;
  readonly joinsPerRoom: RateLimit;
  readonly threepidValidation: RateLimit;
  readonly invitesPerRoom: RateLimit;
  readonly invitesPerUser: RateLimit;
  readonly invitesPerIssuer: RateLimit;
  readonly thirdPartyInvite: RateLimit;
  readonly mediaCreate: RateLimit;
  readonly presencePerUser: RateLimit;
  readonly delayedEventManagement: RateLimit;
  readonly reports: RateLimit;
  readonly roomCreation: RateLimit;
  readonly userDirectory: RateLimit;
  readonly profile: RateLimit;
  readonly keyRequests: RateLimit;
  /** In bytes: how fast one server's media may be downloaded. */
  readonly remoteMediaDownload: RateLimit;
  readonly federation: FederationRateLimit;
  readonly federationReceiptTransactionsPerRoomPerSecond: number;
}

export interface FederationRateLimit {
  readonly windowSizeMs: number;
  readonly sleepLimit: number;
  readonly sleepDelayMs: number;
  readonly rejectLimit: number;
  readonly concurrent: number;
}

export function readRateLimits({ values }: Context): RateLimitsConfig {
  return {
    message: messageLimit(values),
    registration: limit(values, 'rc_registration'),
    registrationTokenValidity: limit(values, 'rc_registration_token_validity'),
    loginAddress: limit(values, 'rc_login.address'),
    loginAccount: limit(values, 'rc_login.account'),
    loginFailedAttempts: limit(values, 'rc_login.failed_attempts'),
    adminRedaction:
      values.mapping('rc_admin_redaction') === undefined ? undefined : limit(values, 'rc_admin_redaction'),
    joinsLocal: limit(values, 'rc_joins.local'),
    joinsRemote: limit(values, 'rc_joins.remote'),
    joinsPerRoom: limit(values, 'rc_joins_per_room'),
    threepidValidation: limit(values, 'rc_3pid_validation'),
    invitesPerRoom: limit(values, 'rc_invites.per_room'),
    invitesPerUser: limit(values, 'rc_invites.per_user'),
    invitesPerIssuer: limit(values, 'rc_invites.per_issuer'),
    thirdPartyInvite: limit(values, 'rc_third_party_invite'),
    mediaCreate: limit(values, 'rc_media_create'),
    presencePerUser: limit(values, 'rc_presence.per_user'),
    delayedEventManagement: limit(values, 'rc_delayed_event_mgmt'),
    reports: limit(values, 'rc_reports'),
    roomCreation: limit(values, 'rc_room_creation'),
    userDirectory: limit(values, 'rc_user_directory'),
    profile: limit(values, 'rc_profile'),
    keyRequests: limit(values, 'rc_key_requests'),
    remoteMediaDownload: {
      perSecond: values.size('remote_media_download_per_second'),
      burstCount: values.size('remote_media_download_burst_count'),
    },
    federation: {
      windowSizeMs: federationLimit(values, 'window_size'),
      sleepLimit: federationLimit(values, 'sleep_limit'),
      sleepDelayMs: federationLimit(values, 'sleep_delay'),
      rejectLimit: federationLimit(values, 'reject_limit'),
      concurrent: federationLimit(values, 'concurrent'),
    },
    federationReceiptTransactionsPerRoomPerSecond: values.integer('federation_rr_transactions_per_room_per_second'),
  };
}

function limit(values: Values, name: string): RateLimit {
  values.mapping(name);
  return {
    perSecond: values.number(`${name}.per_second`),
    burstCount: Math.trunc(values.number(`${name}.burst_count`)),
  };
}

/** `rc_message`, or the older names if it isn't given. */
function messageLimit(values: Values): RateLimit {
  const { perSecond, burstCount } = limit(values, 'rc_message');
  if (values.has('rc_message')) return { perSecond, burstCount };
  return {
    perSecond: values.has('rc_messages_per_second') ? values.number('rc_messages_per_second') : perSecond,
    burstCount: values.has('rc_message_burst_count') ? values.number('rc_message_burst_count') : burstCount,
  };
}

function federationLimit(values: Values, name: string): number {
  const old = `federation_rc_${name}`;
  return values.integer(values.has('rc_federation') || !values.has(old) ? `rc_federation.${name}` : old);
}
