import { isServed } from '../served.ts';
import type { Values } from '../values.ts';
import { secret, type Context } from './context.ts';

export interface RegistrationConfig {
  readonly enabled: boolean;
  readonly requiresToken: boolean;
  /** Any of `email`, `msisdn`. */
  readonly requires3pid: readonly string[];
  readonly disableMsisdn: boolean;
  /** undefined: every address. */
  readonly allowedLocal3pids: readonly { readonly medium: string; readonly pattern: string }[] | undefined;
  readonly enable3pidLookup: boolean;
  readonly enable3pidChanges: boolean;
  readonly captcha: boolean;
  /** For /_synapse/admin/v1/register; undefined: that way is closed. */
  readonly sharedSecret: string | undefined;
  readonly allowGuestAccess: boolean;
  readonly allowUnderscorePrefixedLocalpart: boolean;
  readonly inhibitUserInUseError: boolean;
  readonly msisdnDelegate: string | undefined;
  readonly autoJoin: AutoJoinConfig;
}

export interface AutoJoinConfig {
  /** Aliases. */
  readonly rooms: readonly string[];
  readonly forGuests: boolean;
  readonly autocreate: boolean;
  readonly autocreateFederated: boolean;
  readonly preset: 'public_chat' | 'private_chat' | 'trusted_private_chat';
  /** Who makes and invites to the rooms. */
  readonly localpart: string | undefined;
}

export function readRegistration(context: Context): RegistrationConfig {
  const { values } = context;
  return {
    enabled: isOpen(values) && checksAreServed(context),
    requiresToken: values.boolean('registration_requires_token'),
    requires3pid: values.strings('registrations_require_3pid'),
    disableMsisdn: values.boolean('disable_msisdn_registration'),
    allowedLocal3pids: allowed3pids(values),
    enable3pidLookup: values.boolean('enable_3pid_lookup'),
    enable3pidChanges: values.boolean('enable_3pid_changes'),
    captcha: values.boolean('enable_registration_captcha'),
    sharedSecret: secret(context, 'registration_shared_secret'),
    allowGuestAccess: values.boolean('allow_guest_access'),
    allowUnderscorePrefixedLocalpart:
      values.boolean('allow_underscore_prefixed_localpart') || values.boolean('allow_underscore_prefixed_registration'),
    inhibitUserInUseError: values.boolean('inhibit_user_in_use_error'),
    msisdnDelegate: values.optionalString('account_threepid_delegates.msisdn'),
    autoJoin: readAutoJoin(values),
  };
}

function isOpen(values: Values): boolean {
  return values.has('disable_registration')
    ? !values.boolean('disable_registration')
    : values.boolean('enable_registration');
}

/** Registration whose checks can't be made yet stays closed: it would be open to those whom they are to keep out. */
function checksAreServed({ values, notice }: Context): boolean {
  const asked = [
    ...(values.boolean('enable_registration_captcha') ? ['enable_registration_captcha'] : []),
    ...(values.strings('registrations_require_3pid').length > 0 ? ['registrations_require_3pid'] : []),
  ];
  const missing = asked.filter((name) => !isServed(name));
  if (missing.length === 0 || !isOpen(values)) return true;
  notice(`registration stays closed, because what is asked for isn't served yet: ${missing.join(', ')}`);
  return false;
}

function allowed3pids(values: Values): RegistrationConfig['allowedLocal3pids'] {
  const rules = values.items('allowed_local_3pids') ?? [];
  if (rules.length === 0) return undefined;
  return rules.map((rule) => ({ medium: rule.oneOf('medium', ['email', 'msisdn']), pattern: rule.string('pattern') }));
}

function readAutoJoin(values: Values): AutoJoinConfig {
  const rooms = values.strings('auto_join_rooms');
  for (const [at, alias] of rooms.entries()) {
    if (!/^#[^:\0]*:.+$/s.test(alias))
      throw values.fail(
        `auto_join_rooms[${at}]`,
        `expected an alias such as #room:example.org, not ${JSON.stringify(alias)}`,
      );
  }
  const autocreate = values.boolean('autocreate_auto_join_rooms');
  const preset = values.oneOf('autocreate_auto_join_room_preset', [
    'public_chat',
    'private_chat',
    'trusted_private_chat',
  ]);
  const localpart = values.optionalString('auto_join_mxid_localpart');
  if (autocreate && preset !== 'public_chat' && !localpart) {
    throw values.fail(
      'auto_join_mxid_localpart',
      `is needed when autocreate_auto_join_room_preset is ${preset}: somebody must send the invitations`,
    );
  }
  return {
    rooms,
    forGuests: values.boolean('auto_join_rooms_for_guests'),
    autocreate,
    autocreateFederated: values.boolean('autocreate_auto_join_rooms_federated'),
    preset,
    localpart: localpart === '' ? undefined : localpart,
  };
}
