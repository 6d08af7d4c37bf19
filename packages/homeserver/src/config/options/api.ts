import { section } from '../option.ts';

export const apiOptions = section('Application services and invitations', '', [
  ['room_prejoin_state', 'map', undefined, 'State that invitations and knocks show.'],
  ['room_prejoin_state.disable_default_event_types', 'boolean', false, 'Leave out the usual types.'],
  ['room_prejoin_state.additional_event_types', 'list', [], 'Further types, or pairs of type and state key.'],
  ['track_puppeted_user_ips', 'boolean', false, 'Keep addresses of requests that application services make for users.'],
  ['app_service_config_files', 'list', [], 'Registration files of application services.'],
  ['track_appservice_user_ips', 'boolean', false, "Keep addresses of application services' own users."],
  ['use_appservice_legacy_authorization', 'boolean', false, 'Send the token to application services in the query too.'],
]);
