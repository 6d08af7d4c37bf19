import { section } from '../option.ts';

export const apiOptions = section('Api', '', [
  ['room_prejoin_state', 'map', undefined, ''],
  ['room_prejoin_state.disable_default_event_types', 'boolean', false, ''],
  ['room_prejoin_state.additional_event_types', 'list', [], ''],
  ['track_puppeted_user_ips', 'boolean', false, ''],
  ['app_service_config_files', 'list', [], ''],
  ['track_appservice_user_ips', 'boolean', false, ''],
  ['use_appservice_legacy_authorization', 'boolean', false, ''],
  ['macaroon_secret_key', 'string or null', null, ''],
  ['macaroon_secret_key_path', 'string or null', null, ''],
  ['form_secret', 'string or null', null, ''],
  ['form_secret_path', 'string or null', null, ''],
]);
