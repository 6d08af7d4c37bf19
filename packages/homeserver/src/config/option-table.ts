import { apiOptions } from './options/api.ts';
import { backgroundOptions } from './options/background.ts';
import { cachingOptions } from './options/caching.ts';
import { callsOptions } from './options/calls.ts';
import { captchaOptions } from './options/captcha.ts';
import { databaseOptions } from './options/database.ts';
import { emailOptions } from './options/email.ts';
import { experimentalOptions } from './options/experimental.ts';
import { federationOptions } from './options/federation.ts';
import { keysOptions } from './options/keys.ts';
import { legacyOptions } from './options/legacy.ts';
import { limitsOptions } from './options/limits.ts';
import { listenersOptions } from './options/listeners.ts';
import { loggingOptions } from './options/logging.ts';
import { mediaOptions } from './options/media.ts';
import { metricsOptions } from './options/metrics.ts';
import { modulesOptions } from './options/modules.ts';
import { noticesAndConsentOptions } from './options/notices-and-consent.ts';
import { openidConnectOptions } from './options/openid-connect.ts';
import { outboundRequestsOptions } from './options/outbound-requests.ts';
import { passwordsOptions } from './options/passwords.ts';
import { presenceOptions } from './options/presence.ts';
import { profilesAndRoomsOptions } from './options/profiles-and-rooms.ts';
import { pushOptions } from './options/push.ts';
import { rateLimitsOptions } from './options/rate-limits.ts';
import { registrationOptions } from './options/registration.ts';
import { retentionOptions } from './options/retention.ts';
import { roomsOptions } from './options/rooms.ts';
import { serverOptions } from './options/server.ts';
import { sessionsOptions } from './options/sessions.ts';
import { singleSignOnOptions } from './options/single-sign-on.ts';
import { tlsOptions } from './options/tls.ts';
import { tracingOptions } from './options/tracing.ts';
import { workersOptions } from './options/workers.ts';
import type { Option, OptionSection } from './option.ts';

/** Every option of homeserver.yaml that is known, in the order of the reference. */
export const optionSections: readonly OptionSection[] = [
  serverOptions,
  listenersOptions,
  tlsOptions,
  databaseOptions,
  loggingOptions,
  registrationOptions,
  passwordsOptions,
  sessionsOptions,
  keysOptions,
  rateLimitsOptions,
  mediaOptions,
  profilesAndRoomsOptions,
  roomsOptions,
  presenceOptions,
  pushOptions,
  retentionOptions,
  limitsOptions,
  federationOptions,
  outboundRequestsOptions,
  cachingOptions,
  metricsOptions,
  apiOptions,
  emailOptions,
  noticesAndConsentOptions,
  captchaOptions,
  callsOptions,
  openidConnectOptions,
  singleSignOnOptions,
  modulesOptions,
  workersOptions,
  backgroundOptions,
  tracingOptions,
  experimentalOptions,
];

/** Every option by name, those too that were removed or replaced. */
export const options: ReadonlyMap<string, Option> = new Map(
  [...optionSections.flatMap((section) => section.options), ...legacyOptions].map((option) => [option.name, option]),
);
