import { section } from '../option.ts';

export const tlsOptions = section(
  'TLS',
  "Certificates: the server's own for its listeners, and how those of other servers are checked.",
  [
    [
      'tls_certificate_path',
      'string or null',
      null,
      'File with the certificate and its chain (PEM), for listeners with TLS.',
    ],
    ['tls_private_key_path', 'string or null', null, "File with the certificate's private key (PEM)."],
    ['federation_verify_certificates', 'boolean', true, 'Check the certificates of other servers.'],
    [
      'federation_client_minimum_tls_version',
      'string or number',
      '1',
      'The oldest TLS that other servers are spoken to with: 1, 1.1, 1.2 or 1.3.',
    ],
    [
      'federation_certificate_verification_whitelist',
      'list',
      [],
      'Servers (with * and ?) whose certificates are not checked.',
    ],
    [
      'federation_custom_ca_list',
      'list',
      undefined,
      "Files with the authorities that are trusted for federation, instead of the system's.",
    ],
    [
      'use_insecure_ssl_client_just_for_testing_do_not_use',
      'boolean',
      false,
      "Don't check certificates of identity servers and the like; for tests.",
    ],
  ],
);
