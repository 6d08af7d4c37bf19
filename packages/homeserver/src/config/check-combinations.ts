import { isMapping, type Mapping, type Values } from './values.ts';

/** Refuses options that contradict each other, or that are missing because another one is set. Throws ConfigError. */
export function checkCombinations(mapping: Mapping, values: Values, notice: (sentence: string) => void): void {
  checkRegistration(values);
  checkWorkers(mapping, values);
  checkAuthenticationService(mapping, values);
  checkExperiments(mapping, values);
  if (isMapping(mapping['email']) && Object.keys(mapping['email']).length > 0 && !given(mapping, 'email.notif_from')) {
    throw values.fail('email.notif_from', 'is missing: the sender of e-mails, needed because `email` is set up');
  }
  const proxied = given(mapping, 'http_proxy') || given(mapping, 'https_proxy');
  if (given(mapping, 'url_preview_enabled') && !('url_preview_ip_range_blacklist' in mapping) && !proxied) {
    throw values.fail(
      'url_preview_ip_range_blacklist',
      'is missing: say which addresses previews must not reach, because url_preview_enabled is on',
    );
  }
  if (
    given(mapping, 'redis.username') &&
    member(mapping, 'redis.password') == null &&
    !given(mapping, 'redis.password_path')
  ) {
    throw values.fail('redis.username', 'needs redis.password or redis.password_path');
  }
  if (given(mapping, 'room_invite_state_types') && given(mapping, 'room_prejoin_state')) {
    throw values.fail('room_invite_state_types', "can't be given together with room_prejoin_state; remove it");
  }
  const restricted = 'restrict_public_rooms_to_local_users' in mapping;
  if (restricted && ('allow_public_rooms_without_auth' in mapping || 'allow_public_rooms_over_federation' in mapping)) {
    throw values.fail(
      'restrict_public_rooms_to_local_users',
      "can't be given together with allow_public_rooms_without_auth or allow_public_rooms_over_federation; remove it",
    );
  }
  if (given(mapping, 'backup_media_store_path') && given(mapping, 'media_storage_providers')) {
    throw values.fail('backup_media_store_path', "can't be given together with media_storage_providers; remove it");
  }
  if (!Array.isArray(mapping['listeners']) || mapping['listeners'].length === 0) {
    if (!given(mapping, 'metrics_port')) notice('there are no listeners: nobody can reach this server');
  }
}

function checkRegistration(values: Values): void {
  const open = values.has('disable_registration')
    ? !values.boolean('disable_registration')
    : values.boolean('enable_registration');
  const verified =
    values.boolean('enable_registration_captcha') ||
    values.boolean('registration_requires_token') ||
    values.strings('registrations_require_3pid').length > 0;
  if (open && !verified && !values.boolean('enable_registration_without_verification')) {
    throw values.fail(
      'enable_registration',
      'lets anybody make accounts unchecked; set registration_requires_token: true, or, if that is what you want, enable_registration_without_verification: true',
    );
  }
}

const duties = [
  ['send_federation', 'federation_sender_instances'],
  ['start_pushers', 'pusher_instances'],
  ['notify_appservices', 'notify_appservices_from_worker'],
  ['update_user_directory', 'update_user_directory_from_worker'],
] as const;

function checkWorkers(mapping: Mapping, values: Values): void {
  const app = mapping['worker_app'];
  if (app !== undefined && app !== null && app !== 'synapse.app.homeserver') {
    throw values.fail(
      'worker_app',
      'this is the configuration of a worker, and there are none yet; start the main process alone, without this file',
    );
  }
  for (const [old, present] of duties.slice(2)) {
    const worker = mapping[present];
    if (!(old in mapping) || worker === undefined || worker === null) continue;
    const byMain = worker === 'master' || worker === 'main';
    if (byMain !== Boolean(mapping[old])) throw values.fail(old, `contradicts ${present}; remove it`);
  }
}

function checkAuthenticationService(mapping: Mapping, values: Values): void {
  if (!given(mapping, 'matrix_authentication_service.enabled')) return;
  const refuse = (option: string, problem: string): never => {
    throw values.fail(option, `${problem} because matrix_authentication_service is enabled, which does it instead`);
  };
  const secret = given(mapping, 'matrix_authentication_service.secret');
  if (secret === given(mapping, 'matrix_authentication_service.secret_path')) {
    const problem = secret
      ? "can't be given together with secret_path; remove one of them"
      : 'is missing (or secret_path)';
    throw values.fail('matrix_authentication_service.secret', problem);
  }
  for (const option of [
    'password_config.enabled',
    'enable_registration',
    'user_consent',
    'oidc_providers',
    'oidc_config',
    'jwt_config.enabled',
    'enable_registration_captcha',
    'login_via_existing_session.enabled',
    'refresh_token_lifetime',
    'nonrefreshable_access_token_lifetime',
    'session_lifetime',
    'enable_3pid_changes',
  ]) {
    if (given(mapping, option)) refuse(option, "can't be used");
  }
  for (const option of ['saml2_config', 'cas_config']) {
    if (given(mapping, option) && member(mapping, `${option}.enabled`) !== false) refuse(option, "can't be used");
  }
}

function checkExperiments(mapping: Mapping, values: Values): void {
  const flag = (name: string): boolean => given(mapping, `experimental_features.${name}`);
  const service = given(mapping, 'matrix_authentication_service.enabled');
  if (flag('msc3890_enabled') && !flag('msc3391_enabled')) {
    throw values.fail('experimental_features.msc3890_enabled', 'needs experimental_features.msc3391_enabled: true');
  }
  for (const name of ['msc4108_enabled', 'msc4108_delegation_endpoint']) {
    if (flag(name) && !service)
      throw values.fail(`experimental_features.${name}`, 'needs matrix_authentication_service');
  }
  if (flag('msc4108_enabled') && flag('msc4108_delegation_endpoint')) {
    throw values.fail(
      'experimental_features.msc4108_delegation_endpoint',
      "can't be given together with msc4108_enabled; remove one of them",
    );
  }
  // Without quotes YAML 1.1 reads `off` as false.
  const mode = member(mapping, 'experimental_features.msc4388_mode') ?? 'off';
  if (mode === 'off' || mode === false) return;
  if (mode !== 'open' && mode !== 'authenticated') {
    throw values.wrong('experimental_features.msc4388_mode', 'one of off, open, authenticated', mode);
  }
  if (!service) throw values.fail('experimental_features.msc4388_mode', 'needs matrix_authentication_service');
}

function member(mapping: Mapping, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (isMapping(value) ? value[key] : undefined), mapping);
}

/** True if a value is given that isn't false, null, 0 or empty. */
function given(mapping: Mapping, path: string): boolean {
  const value = member(mapping, path);
  if (Array.isArray(value)) return value.length > 0;
  return isMapping(value) ? Object.keys(value).length > 0 : Boolean(value);
}
