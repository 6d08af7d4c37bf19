import { section } from '../option.ts';

export const tlsOptions = section('Tls', '', [
  ['tls_certificate_path', 'string or null', null, ''],
  ['tls_private_key_path', 'string or null', null, ''],
  ['federation_verify_certificates', 'boolean', true, ''],
  ['federation_client_minimum_tls_version', 'string or number', '1', ''],
  ['federation_certificate_verification_whitelist', 'list', [], ''],
  ['federation_custom_ca_list', 'list', undefined, ''],
]);
